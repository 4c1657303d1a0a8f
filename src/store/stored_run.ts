import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { LevelRecord } from "./level_record.ts";
import { compareNaturally } from "./natural_order.ts";
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
 * Opens the run in a folder, or the runs of all its seeds in order.
 * @param given a run folder (seed-<n>), or the folder above it with all seeds
 * @throws InputError when it is neither
 */
export async function runFoldersIn(files: Files, given: string): Promise<RunFolder[]> {
  const path = given.replace(/(?<=.)\/+$/, "");
  if (await files.exists(`${path}/${runFileNames.record}`)) return [await readRunFolder(files, path)];
  if (!(await files.exists(path))) {
    throw new InputError(`${given}: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0`);
  }
  const seeds: string[] = [];
  for (const entry of (await files.list(path)).sort(compareNaturally)) {
    if (seedOf(entry) !== undefined && (await files.exists(`${path}/${entry}/${runFileNames.record}`)))
      seeds.push(entry);
  }
  if (seeds.length === 0) {
    throw new InputError(
      `${given}: it holds neither run.json nor seed-<n> folders; give a run folder such as runs/<name>-<hash>/seed-0`,
    );
  }
  return Promise.all(seeds.map((seed) => readRunFolder(files, `${path}/${seed}`)));
}

/** Reads a run and compares its files with the checksums in its record. */
export async function readStoredRun(files: Files, folder: RunFolder): Promise<StoredRun> {
  const { outcome, checksums = {} } = folder.record;
  const differing: string[] = [];
  for (const [name, checksum] of Object.entries(checksums)) {
    const path = `${folder.path}/${name}`;
    if (!(await files.exists(path)) || (await files.sha256(path)) !== checksum) differing.push(name);
  }
  const levels = differing.includes(runFileNames.levels) ? [] : await folder.finishedLevels();
  return { folder, levels, outcome: outcome && String(outcome.outcome), differing };
}
