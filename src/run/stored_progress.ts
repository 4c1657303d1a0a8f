import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { Experiment } from "../lottery/experiment.ts";
import { readRunFolder } from "../store/open_run.ts";
import { experimentFolder, runFileNames, runPath } from "../store/run_path.ts";

/** What is stored of a run. */
export interface StoredProgress {
  /** Engine and executor that it was begun on. */
  readonly executor: string;
  readonly hasEnded: boolean;
  /** Number of its finished levels. */
  readonly finished: number;
}

/**
 * What is stored of each run of some experiments, `[experiment][seed]`; undefined for a run of which nothing can be read,
 * which opening its folder tells.
 */
export async function storedProgress(
  files: Files,
  root: string | null,
  experiments: readonly Experiment[],
): Promise<(StoredProgress | undefined)[][]> {
  const all: (StoredProgress | undefined)[][] = [];
  for (const { name, hash: specHash, seeds } of experiments) {
    const folder = `${root}/${experimentFolder({ name, specHash })}`;
    const isThere = root !== null && (await files.exists(folder));
    const runs: (StoredProgress | undefined)[] = [];
    for (const seed of seeds) runs.push(isThere ? await progressAt(files, runPath(folder, seed)) : undefined);
    all.push(runs);
  }
  return all;
}

async function progressAt(files: Files, path: string): Promise<StoredProgress | undefined> {
  try {
    if (!(await files.exists(`${path}/${runFileNames.record}`))) return undefined;
    const folder = await readRunFolder(files, path);
    const hasEnded = folder.record.outcome !== undefined;
    const finished = hasEnded ? 0 : (await folder.finishedLevels()).length;
    return { executor: folder.record.executor, hasEnded, finished };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
