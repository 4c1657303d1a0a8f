import { InputError, StorageError } from "../base/errors.ts";
import { CheckpointTurns } from "../lottery/checkpoint_turns.ts";
import type { Experiment } from "../lottery/experiment.ts";
import { isRunFailure, type RunFailure } from "../lottery/failure.ts";
import type { LotteryRun } from "../lottery/lottery.ts";
import type { Program } from "../store/program.ts";
import { checkFolders } from "./check_folders.ts";
import type { EngineWork } from "./engine_work.ts";
import type { ExperimentInput, RunOptions } from "./options.ts";
import { trainInPasses } from "./passes.ts";
import { prepareResolved, resolveGiven } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { Population } from "./population.ts";
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
  return trainExperiments(platform, await resolveGiven(platform, given, options), options);
}

/** As {@link runExperiments}, for experiments that are resolved. */
export async function trainExperiments(
  platform: Platform,
  resolved: readonly Experiment[],
  options: RunOptions,
): Promise<RunResult> {
  const checkpoints = checkpointTurns(options.checkpointEvery);
  const prepared = await prepareResolved(platform, resolved, options);
  const { plan, works } = prepared;
  const programs = new Map<EngineWork["engine"], Program>();
  const asksNulls = resolved.some(({ spec }) => spec.nulls !== undefined);
  const nulls = asksNulls ? platform.openNulls(platform.cores) : undefined;
  const population: Population = { ...prepared, programs, nulls };
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
    nulls?.close();
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
