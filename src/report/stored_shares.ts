import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runFileNames } from "../store/run_path.ts";
import { readStoredRun, runPathsBelow } from "../store/stored_run.ts";
import { type ChanceShares, chanceShares, trainedAs } from "./chance_shares.ts";
import { type ReportedRun, reportedRun } from "./reported_run.ts";

/** How much of the variance of the outcomes of stored runs each part of chance explains. */
export interface Shares {
  /** A table for each spec, seeds aside, in which two parts of chance vary; at least one. */
  readonly tables: readonly ChanceShares[];
  /** Folders that were passed over, because a run that trained alike was there before: of the same spec and seeds. */
  readonly copies: number;
  /** Runs of specs without a table. */
  readonly leftOut: number;
  /** Folders of runs whose training diverged, which have no outcome. */
  readonly diverged: readonly string[];
}

/**
 * Divides the variance of the outcomes of stored runs among their seeds.
 * @param folders run folders, or folders above them, at any depth
 * @throws InputError for a folder without runs, a run that has not ended or is damaged, and as {@link chanceShares}
 */
export async function storedShares(files: Files, folders: readonly string[]): Promise<Shares> {
  const paths = new Set<string>();
  for (const folder of folders) for (const path of await runPathsBelow(files, folder)) paths.add(path);
  const runs = new Map<string, ReportedRun>();
  const diverged: string[] = [];
  for (const path of paths) {
    const run = await endedRun(files, path);
    if (run === undefined) {
      diverged.push(path);
      continue;
    }
    const which = trainedAs(run);
    if (!runs.has(which)) runs.set(which, run);
  }
  const tables = chanceShares([...runs.values()]);
  const used = tables.reduce((sum, table) => sum + table.runs, 0);
  return { tables, copies: paths.size - diverged.length - runs.size, leftOut: runs.size - used, diverged };
}

/**
 * Reads a run; undefined where its training diverged, as it would again.
 * @throws InputError when the run has not ended, or its levels are damaged
 */
async function endedRun(files: Files, path: string): Promise<ReportedRun | undefined> {
  const stored = await readStoredRun(files, await readRunFolder(files, path), [runFileNames.levels]);
  if (stored.differing.length > 0) {
    throw new InputError(
      `${path}/${stored.differing[0]}: not what the run wrote, by the checksums in run.json; restore it, give the run's command again, or leave the run out`,
    );
  }
  if (stored.folder.record.diverged) return undefined;
  const run = await reportedRun(stored);
  if (!run?.finished) throw new InputError(`${path}: the run has not ended; let it end, or leave it out`);
  return run;
}
