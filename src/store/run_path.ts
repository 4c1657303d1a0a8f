/**
 * Where the files of runs lie: `<root>/<name>-<spec hash>/seed-<n>/level-<ii>.safetensors`. Paths are `/`-separated.
 */

/** The files of a run folder that are not one for each level. */
export const runFileNames = {
  record: "run.json",
  levels: "levels.jsonl",
  timings: "timings.jsonl",
  init: "init.safetensors",
} as const;

/** Name of the folder of all seeds of a spec. */
export function experimentFolder({ name, specHash }: { readonly name: string; readonly specHash: string }): string {
  return `${name}-${specHash}`;
}

/** Folder of one run, in its experiment's folder. */
export function runPath(experiment: string, seed: number): string {
  return `${experiment}/seed-${seed}`;
}

/** The seed that a run folder's own name tells; undefined for any other name. */
export function seedOf(folderName: string): number | undefined {
  const digits = /^seed-(\d+)$/.exec(folderName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Name of the file of a level, from 0, in its run's folder. */
export function levelFile(level: number): string {
  return `level-${twoDigits(level)}.safetensors`;
}

/** The level that a file's own name tells; undefined for any other name. */
export function levelOf(fileName: string): number | undefined {
  const digits = /^level-(\d{2,})\.safetensors$/.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A run's level as the name of a file outside its folder, without an ending. */
export function levelName(name: string, seed: number, level: number): string {
  return `${name}-seed-${seed}-level-${twoDigits(level)}`;
}

/** Whether a file of this name is a function of spec and adapter; {@link runFileNames.record} alone holds their checksums. */
export function isDeterministic(fileName: string): boolean {
  return fileName === runFileNames.levels || fileName === runFileNames.init || levelOf(fileName) !== undefined;
}

/** Whether a path ends as the files of a run folder do. */
export function isRunFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === runFileNames.record || name === runFileNames.timings || isDeterministic(name);
}

/** The folder of a `run.json`, `.` where it has none above it; undefined for other paths. */
export function folderOfRecord(path: string): string | undefined {
  if (path === runFileNames.record) return ".";
  return path.endsWith(`/${runFileNames.record}`) ? path.slice(0, -`/${runFileNames.record}`.length) : undefined;
}

function twoDigits(level: number): string {
  return String(level).padStart(2, "0");
}
