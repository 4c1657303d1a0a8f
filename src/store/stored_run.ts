import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { LevelRecord } from "./level_record.ts";
import { compareNaturally } from "./natural_order.ts";
import { damagesOf } from "./run_damage.ts";
import { type RunFolder, readRunFolder } from "./run_folder.ts";
import { runFileNames, seedOf } from "./run_path.ts";

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
 * @throws InputError when it is none of them
 */
export async function runPathsBelow(files: Files, given: string): Promise<string[]> {
  const path = await folderAt(files, given);
  const here = await runPathsAt(files, path);
  if (here.length > 0) return here;
  const below: string[] = [];
  for (const entry of (await files.list(path)).sort(compareNaturally)) {
    // The slash leaves out files, which have nothing to list.
    if (await files.exists(`${path}/${entry}/`)) below.push(...(await runPathsAt(files, `${path}/${entry}`)));
  }
  if (below.length === 0) {
    throw new InputError(`${given}: it holds no run; give run folders, or a folder of them such as runs`);
  }
  return below;
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

/**
 * Reads a run and compares its files with the checksums in its record.
 * @param names of the files to compare; default all
 */
export async function readStoredRun(files: Files, folder: RunFolder, names?: readonly string[]): Promise<StoredRun> {
  const { outcome } = folder.record;
  const damages = await damagesOf(files, folder.path, folder.record, names);
  const differing = damages.map(({ file }) => file);
  const levels = differing.includes(runFileNames.levels) ? [] : await folder.finishedLevels();
  return { folder, levels, outcome: outcome && String(outcome.outcome), differing };
}
