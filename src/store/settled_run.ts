import type { Files } from "../base/files.ts";
import { readRunFolder } from "./open_run.ts";
import type { RunFolder } from "./run_folder.ts";

/** Most times that a run is read: levels of the smallest networks take 5 ms, and such runs have ended before. */
const mostReads = 100;

/**
 * Reads a run that another process may be training. `run.json` and the other files are then of different moments, and whole
 * files may look damaged. So where something is wrong, and `run.json` is another one than before, all is read again.
 * @param folder just opened
 * @param read reads what is asked for, from an open folder
 * @param isWhole whether nothing is wrong with it
 * @returns what was read; undefined if `run.json` changed during each of many readings
 * @throws what `read` throws while `run.json` does not change
 */
export async function readSettled<T>(
  files: Files,
  folder: RunFolder,
  read: (folder: RunFolder) => Promise<T>,
  isWhole: (found: T) => boolean,
): Promise<T | undefined> {
  let now = folder;
  for (let reads = 1; reads <= mostReads; reads++) {
    let end: () => T;
    try {
      const found = await read(now);
      if (isWhole(found)) return found;
      end = () => found;
    } catch (error) {
      end = () => {
        throw error;
      };
    }
    const after = await openAgain(files, now);
    if (!after || JSON.stringify(after.record) === JSON.stringify(now.record)) return end();
    now = after;
  }
  return undefined;
}

/** Undefined where the run is there no more. */
async function openAgain(files: Files, { path }: RunFolder): Promise<RunFolder | undefined> {
  try {
    return await readRunFolder(files, path);
  } catch {
    return undefined;
  }
}
