import { InputError, StorageError } from "../base/errors.ts";
import type { CoverageKind } from "../base/task.ts";
import { isRunFailure, type RunFailure } from "../lottery/failure.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import { findRunFolder } from "../store/open_run.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { RunRecord } from "../store/run_record.ts";
import type { RunPlace } from "./engine_work.ts";
import { LockedFolder } from "./locked_folder.ts";
import type { RunOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import { folderOf, type Population } from "./population.ts";

/**
 * Before training, checks the existing run folders and creates the first missing one, so that a folder that cannot be
 * used is reported before any time is spent.
 * @returns a line for each way in which runs that were begun by an older version differ from new ones, and the error of
 * each run whose folder cannot be used
 * @throws InputError when that is every run
 */
export async function checkFolders(
  platform: Platform,
  population: Population,
  { allowOtherVersion }: RunOptions,
): Promise<{ notices: string[]; failures: Map<RunPlace, RunFailure> }> {
  const { files } = platform;
  const { plan, works } = population;
  const failures = new Map<RunPlace, RunFailure>();
  const isThere = new Map<string | null, boolean>();
  const former: { folder: string | null; difference: string; seeds: number[] }[] = [];
  let isWritable = false;
  let runs = 0;
  for (const work of works) {
    for (const place of work.places) {
      if (plan.out === null) return { notices: [], failures };
      const at = folderOf(population, work, place);
      runs++;
      const { folder, coverage } = plan.experiments[place.number];
      const mayBeThere = isThere.get(folder) ?? (await files.exists(folder ?? ""));
      isThere.set(folder, mayBeThere);
      let found: RunFolder | undefined;
      let first: LevelRecord | undefined;
      try {
        found = mayBeThere ? await findRunFolder(files, at.root, at.run, { allowOtherVersion }) : undefined;
        if (!found && !isWritable) await checkWritable(new LockedFolder(platform, at.root, at.run));
        isWritable ||= !found;
        first = (await found?.readableLevels())?.levels[0];
      } catch (error) {
        if (!isRunFailure(error)) throw error;
        failures.set(place, error);
        continue;
      }
      for (const difference of differencesOf(found?.record, coverage, first)) {
        const same = former.find((each) => each.folder === folder && each.difference === difference);
        if (same) same.seeds.push(place.seed);
        else former.push({ folder, difference, seeds: [place.seed] });
      }
    }
  }
  const [refused] = failures.values();
  if (refused && failures.size === runs) {
    const more = runs > 1 ? ` (and ${runs - 1} more of the ${runs} runs, none of which can be used)` : "";
    throw refused instanceof StorageError
      ? new StorageError(`${refused.message}${more}`)
      : new InputError(`${refused.message}${more}`);
  }
  return {
    notices: former.map(({ folder, difference, seeds }) => `${folder}, seed ${seeds.join(",")}: ${difference}`),
    failures,
  };
}

/** Creates a run folder, unless another process is about to. */
async function checkWritable(folder: LockedFolder): Promise<void> {
  try {
    await folder.open();
  } catch (error) {
    if (!(error instanceof RunHeld)) throw error;
  } finally {
    await folder.close();
  }
}

/** How a run that was begun by an older version differs from a new one. */
function differencesOf(begun: RunRecord | undefined, coverage: CoverageKind, first: LevelRecord | undefined) {
  return [
    ...(begun?.coverage !== undefined && begun.coverage !== coverage
      ? [
          `decided by ${begun.coverage} coverage, by which it was begun; a new run of this spec is decided by ${coverage} coverage`,
        ]
      : []),
    ...(first && first.lost === undefined
      ? ["level 0 is of an older version, without balanced accuracy: winning is judged without it"]
      : []),
    ...(first && begun && begun.format < 3 && !begun.outcome
      ? [
          "begun by an older version, without checksums: initial weights, masks and their analysis are checked, losses and scores cannot be",
        ]
      : []),
  ];
}
