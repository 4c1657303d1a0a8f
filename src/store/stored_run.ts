import { InputError, StorageError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { LevelRecord } from "./level_record.ts";
import { compareNaturally } from "./natural_order.ts";
import { readRunFolder } from "./open_run.ts";
import { damagesOf } from "./run_damage.ts";
import type { RunFolder } from "./run_folder.ts";
import { isDeterministic, runFileNames, seedOf } from "./run_path.ts";
import { readSettled } from "./settled_run.ts";

/** A run on disk. */
export interface StoredRun {
  readonly folder: RunFolder;
  /** The finished levels; empty if `levels.jsonl` does not match its checksum. */
  readonly levels: readonly LevelRecord[];
  /** Undefined if the run has not ended. */
  readonly outcome: string | undefined;
  /** Files that are missing or do not match their checksum. */
  readonly differing: readonly string[];
}

/**
 * Opens the runs in a folder, in order.
 * @param given as of {@link runPathsBelow}
 * @throws InputError when it holds no run
 */
export async function runFoldersIn(files: Files, given: string): Promise<RunFolder[]> {
  const folders: RunFolder[] = [];
  for (const path of await runPathsBelow(files, given)) folders.push(await readRunFolder(files, path));
  return folders;
}

/**
 * Paths of the runs in a folder, in order, without opening them.
 * @param given a run folder (seed-<n>), the folder above it with all seeds, or a folder of such folders
 * @param mayHoldNone whether a folder without a run is accepted
 * @throws InputError when it is none of them
 */
export function runPathsBelow(files: Files, given: string, mayHoldNone = false): Promise<string[]> {
  return pathsBelow(files, given, runPathsAt, mayHoldNone);
}

/** Paths of the run folders that hold files of a run but no `run.json`; `given` as of {@link runPathsBelow}. */
export async function runsWithoutRecord(files: Files, given: string): Promise<string[]> {
  if (await files.exists(`${given}/${runFileNames.record}`)) return [];
  return pathsBelow(files, given, pathsWithoutRecordAt, true);
}

async function pathsBelow(
  files: Files,
  given: string,
  pathsAt: (files: Files, path: string) => Promise<string[]>,
  mayHoldNone: boolean,
): Promise<string[]> {
  const path = await folderAt(files, given);
  const here = await pathsAt(files, path);
  if (here.length > 0) return here;
  const below: string[] = [];
  for (const entry of (await files.list(path)).sort(compareNaturally)) {
    // The slash leaves out files, which have nothing to list.
    if (await files.exists(`${path}/${entry}/`)) below.push(...(await pathsAt(files, `${path}/${entry}`)));
  }
  if (below.length === 0 && !mayHoldNone) {
    throw new InputError(`${given}: it holds no run; give run folders, or a folder of them such as runs`);
  }
  return below;
}

/** The run folder that a path is or lies in; undefined where there is none. */
export async function runFolderAround(files: Files, path: string): Promise<string | undefined> {
  const parts: string[] = [];
  for (const part of path.replace(/(?<=.)\/+$/, "").split("/")) {
    if (part === ".." && !["..", "", undefined].includes(parts.at(-1))) parts.pop();
    else if (part !== ".") parts.push(part);
  }
  for (let length = parts.length; length >= 0; length--) {
    const folder = parts.slice(0, length).join("/") || (parts[0] === "" ? "/" : ".");
    // Other programs may have a run.json too.
    const names = [runFileNames.record, runFileNames.init];
    if ((await Promise.all(names.map((name) => files.exists(`${folder}/${name}`)))).every(Boolean)) return folder;
  }
  return undefined;
}

/** The path of a folder without slashes at its end. */
async function folderAt(files: Files, given: string): Promise<string> {
  const path = given.replace(/(?<=.)\/+$/, "");
  if (await files.exists(path)) return path;
  throw new InputError(`${given}: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0`);
}

/** The folder itself if it is a run's, else the folders of all seeds in it. */
async function runPathsAt(files: Files, path: string): Promise<string[]> {
  if (await files.exists(`${path}/${runFileNames.record}`)) return [path];
  const seeds: string[] = [];
  for (const entry of (await files.list(path)).sort(compareNaturally)) {
    const seed = `${path}/${entry}`;
    if (seedOf(entry) !== undefined && (await files.exists(`${seed}/${runFileNames.record}`))) seeds.push(seed);
  }
  return seeds;
}

/** The folder itself if it has files of a run and no `run.json`, else the folders of seeds in it of which that holds. */
async function pathsWithoutRecordAt(files: Files, path: string): Promise<string[]> {
  const isWithout = async (folder: string) => {
    const names = (await files.exists(`${folder}/`)) ? await files.list(folder) : [];
    return names.some(isDeterministic) && !names.includes(runFileNames.record);
  };
  if (await isWithout(path)) return [path];
  const found: string[] = [];
  for (const entry of (await files.list(path)).sort(compareNaturally)) {
    if (seedOf(entry) !== undefined && (await isWithout(`${path}/${entry}`))) found.push(`${path}/${entry}`);
  }
  return found;
}

/**
 * Reads a run and compares its files with the checksums in its record. The run may be in training.
 * @param folder just opened
 * @param names of the files to compare; default all
 * @throws InputError or StorageError when a file cannot be read
 */
export async function readStoredRun(files: Files, folder: RunFolder, names?: readonly string[]): Promise<StoredRun> {
  const run = await readSettled(
    files,
    folder,
    (now) => readOnce(files, now, names),
    ({ differing }) => differing.length === 0,
  );
  if (run) return run;
  throw new StorageError(`${folder.path}: the run is in training, and changed while it was read; try again later`);
}

async function readOnce(files: Files, folder: RunFolder, names?: readonly string[]): Promise<StoredRun> {
  const { outcome } = folder.record;
  const damages = await damagesOf(files, folder.path, folder.record, names);
  for (const { unreadable } of damages) if (unreadable) throw unreadable;
  const differing = damages.map(({ file }) => file);
  const levels = differing.includes(runFileNames.levels) ? [] : await folder.finishedLevels();
  return { folder, levels, outcome: outcome && String(outcome.outcome), differing };
}
