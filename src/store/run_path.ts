/**
 * Paths of the files of runs: `<root>/<name>-<spec hash>/seed-<n>/level-<ii>.safetensors`, separated by `/`.
 */

/** The files of a run folder, except the one of each level. */
export const runFileNames = {
  record: "run.json",
  levels: "levels.jsonl",
  curves: "curves.jsonl",
  timings: "timings.jsonl",
  init: "init.safetensors",
  rewind: "rewind.safetensors",
  checkpoint: "checkpoint.safetensors",
} as const;

/** Most bytes of a name in the usual file systems. */
const mostNameBytes = 255;

/** Whether a text from outside can be part of a folder's name: it has no separators and no control characters. */
export function isFolderName(text: string): boolean {
  return !/[/\\\p{Cc}\p{Cs}]/u.test(text);
}

/** The beginning of a text that, together with the bytes of `rest`, is no longer than a name may be. */
function fitting(text: string, rest: string): string {
  const bytesOf = (part: string) => new TextEncoder().encode(part).length;
  let left = mostNameBytes - bytesOf(rest);
  return Array.from(text)
    .filter((character) => {
      left -= bytesOf(character);
      return left >= 0;
    })
    .join("");
}

/**
 * Name for the folders of an experiment that a file describes: the file's name without its ending, control characters
 * replaced, cut where file systems allow no more.
 * @param path with `/` or, as on Windows, backslashes
 */
export function experimentName(path: string): string {
  const file = /[^/\\]*$/.exec(path)?.[0] ?? "";
  const stem = file.replace(/\.[^.]*$/, "").replace(/[\p{Cc}\p{Cs}]/gu, "_");
  return fitting(stem, "-0123456789ab");
}

/** Name for the folders of the branches of a kind of a run, cut where file systems allow no more. */
export function branchName(name: string, kind: string): string {
  const own = `-${kind}`;
  return `${fitting(name, `${own}-0123456789ab`)}${own}`;
}

/** Name of the folder with all seeds of a spec. */
export function experimentFolder({ name, specHash }: { readonly name: string; readonly specHash: string }): string {
  return `${name}-${specHash}`;
}

/** Path of the folder of one run, in the folder of its experiment. */
export function runPath(experiment: string, seed: number): string {
  return `${experiment}/seed-${seed}`;
}

/** The seed in the name of a run folder; undefined for any other name. */
export function seedOf(folderName: string): number | undefined {
  const digits = /^seed-(\d+)$/.exec(folderName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Name of the file of a level, from 0, in its run folder. */
export function levelFile(level: number): string {
  return `level-${twoDigits(level)}.safetensors`;
}

/** The level in the name of a level file; undefined for any other name. */
export function levelOf(fileName: string): number | undefined {
  const digits = /^level-(\d{2,})\.safetensors$/.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * File name, without extension, for a level of a run outside its run folder; what a file's name cannot hold is replaced,
 * since another program may have written the run's record.
 */
export function levelName(name: string, seed: number, level: number): string {
  const own = `-seed-${seed}-level-${twoDigits(level)}`;
  return `${fitting(name.replace(/[/\\\p{Cc}\p{Cs}]/gu, "_"), `${own}.safetensors`)}${own}`;
}

/**
 * Whether a file of this name is a function of spec and adapter. {@link runFileNames.record} contains the checksums of
 * these files.
 */
export function isDeterministic(fileName: string): boolean {
  const names: readonly string[] = [runFileNames.levels, runFileNames.curves, runFileNames.init, runFileNames.rewind];
  return names.includes(fileName) || levelOf(fileName) !== undefined;
}

/** Whether the file name of a path is that of a file in a run folder. */
export function isRunFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const others: readonly string[] = [runFileNames.record, runFileNames.timings, runFileNames.checkpoint];
  return others.includes(name) || isDeterministic(name);
}

/** The folder of a `run.json`, `.` if the path has no folder; undefined for other paths. */
export function folderOfRecord(path: string): string | undefined {
  if (path === runFileNames.record) return ".";
  return path.endsWith(`/${runFileNames.record}`) ? path.slice(0, -`/${runFileNames.record}`.length) : undefined;
}

function twoDigits(level: number): string {
  return String(level).padStart(2, "0");
}
