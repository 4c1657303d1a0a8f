/**
 * The lock files of a run folder, by generation: `lock.json` is the first, `lock-2.json` that of the process that took the
 * run over from it, and so on.
 */

/** Names with more digits are not ours. */
const mostDigits = 9;

/** @param generation from 1 */
export function lockName(generation: number): string {
  return generation === 1 ? "lock.json" : `lock-${generation}.json`;
}

/** The generation in the name of a lock file; undefined for any other name. */
export function lockGeneration(name: string): number | undefined {
  if (name === lockName(1)) return 1;
  const digits = /^lock-([1-9]\d*)\.json$/.exec(name)?.[1];
  if (digits === undefined || digits.length > mostDigits) return undefined;
  return Number(digits) > 1 ? Number(digits) : undefined;
}

/** What a lock needs of a file system. Each call happens at one moment for all processes and machines. */
export interface LockFiles {
  /** Makes the folder if it is not there. */
  makeFolder(folder: string): Promise<void>;
  /** Names of the files in a folder; none when it is not there. */
  list(folder: string): Promise<string[]>;
  /**
   * The content of a file, as its last writer left it; undefined where there is none.
   * @throws InputError where something other than a file has the name
   */
  read(path: string): Promise<string | undefined>;
  /** Makes a file with its whole content, unless one of that name is there. @returns whether it did */
  create(path: string, content: string): Promise<boolean>;
  /**
   * Replaces the content of a file in place, if it contains the token. A file that has been removed is not made again.
   * @param content of the same size as before
   * @returns whether it did
   */
  replace(path: string, token: string, content: string): Promise<boolean>;
  /** Removes a file; does nothing where there is none, or where something else has the name. */
  remove(path: string): Promise<void>;
}
