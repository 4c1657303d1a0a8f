import { InputError, StorageError } from "../base/errors.ts";
import type { CoverageKind } from "../base/task.ts";
import { CheckpointTurns } from "../lottery/checkpoint_turns.ts";
import { isRunFailure, type RunFailure } from "../lottery/failure.ts";
import type { LotteryRun } from "../lottery/lottery.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import type { Program } from "../store/program.ts";
import { findRunFolder, type RunFolder } from "../store/run_folder.ts";
import type { RunRecord } from "../store/run_record.ts";
import type { EngineWork, RunPlace } from "./engine_work.ts";
import { LockedFolder } from "./locked_folder.ts";
import type { ExperimentInput, RunOptions } from "./options.ts";
import { trainInPasses } from "./passes.ts";
import { prepareExperiments } from "./plan.ts";
import type { Platform } from "./platform.ts";
import { folderOf, type Population } from "./population.ts";
import { trainingProgram } from "./program.ts";
import type { ExperimentResult, FailedRun, RunResult } from "./result.ts";
import { runWork } from "./run_work.ts";

/**
 * Runs experiments as one population: trains, prunes, analyses and stores the levels of every spec and seed. A run that
 * fails by itself does not stop the others and is listed under `failed`: its training diverges, its folder cannot be
 * used, or its storage fails.
 * @throws InputError for an invalid spec, dataset or path, when the limits of the device or of main memory are exceeded,
 *   or when the folder of no run can be used; DeviceError when devices fail again and again ({@link runWork})
 */
export async function runExperiments(
  platform: Platform,
  given: ExperimentInput | readonly ExperimentInput[],
  options: RunOptions = {},
): Promise<RunResult> {
  const checkpoints = checkpointTurns(options.checkpointEvery);
  const prepared = await prepareExperiments(platform, given, options);
  const { plan, works } = prepared;
  const programs = new Map<EngineWork["engine"], Program>();
  const population: Population = { ...prepared, programs };
  try {
    if (plan.shortages.length > 0) throw new InputError(plan.shortages.join("; "));
    for (const { engine } of works) programs.set(engine, await trainingProgram(platform.version, engine.name));
    const { notices, failures } = await checkFolders(platform, population, options);
    options.onStart?.({ ...plan, notices: [...plan.notices, ...notices] });
    const results = plan.experiments.map(() => new Map<number, LotteryRun | RunFailure>());
    for (const [{ number, seed }, error] of failures) {
      results[number].set(seed, error);
      options.observe?.({ kind: "failed", experiment: number, seed, error });
    }
    const usable = works.map((work) => ({ ...work, places: work.places.filter((place) => !failures.has(place)) }));
    const held = await trainInPasses(
      usable.filter(({ places }) => places.length > 0),
      (work) => runWork(platform, population, work, checkpoints, options),
      ({ number, seed }, result) => results[number].set(seed, result),
      { locks: platform.locks, wait: options.wait ?? true, onWait: options.onWait, signal: options.signal },
    );
    const experiments = plan.experiments.map(({ diskBytesPerRun: _, ...planned }, number): ExperimentResult => {
      const runs: LotteryRun[] = [];
      const failed: FailedRun[] = [];
      for (const seed of planned.seeds) {
        const result = results[number].get(seed);
        if (isRunFailure(result)) failed.push({ seed, message: result.message, kind: kindOf(result) });
        else if (result) runs.push(result);
      }
      const passedOver = held.flatMap(({ experiment, ...run }) => (experiment === number ? [run] : []));
      return { ...planned, runs, failed, passedOver };
    });
    return { executor: plan.executor, experiments };
  } finally {
    population.device?.destroy();
  }
}

function kindOf(failure: RunFailure): FailedRun["kind"] {
  if (failure instanceof InputError) return "input";
  if (failure instanceof StorageError) return "storage";
  return failure.mayPass ? "machine" : "diverged";
}

/** Default interval of checkpoints, and the longest, in seconds. */
const [standardInterval, longestInterval] = [300, 1e6];

/** When levels store checkpoints; undefined: never. */
function checkpointTurns(seconds = standardInterval): CheckpointTurns | undefined {
  if (!(seconds >= 0 && seconds <= longestInterval)) {
    throw new InputError(
      `checkpointEvery ${seconds}: it is no number of seconds from 0 (never) to ${longestInterval}; give one, such as ${standardInterval}`,
    );
  }
  return seconds === 0 ? undefined : new CheckpointTurns(seconds * 1000);
}

/**
 * Before training, checks the existing run folders and creates the first missing one, so that a folder that cannot be
 * used is reported before any time is spent.
 * @returns a line for each way in which runs that were begun by an older version differ from new ones, and the error of
 * each run whose folder cannot be used
 * @throws InputError when that is every run
 */
async function checkFolders(
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
