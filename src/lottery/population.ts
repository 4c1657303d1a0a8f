import type { StorageError } from "../base/errors.ts";
import { initialParametersInTurns } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { runCost } from "./cost.ts";
import { isRunFailure, type RunFailure } from "./failure.ts";
import { type Lottery, type LotteryRun, runLottery } from "./lottery.ts";
import type { Spec } from "./spec.ts";

/** One run of a population. */
export interface PopulationRun {
  readonly lottery: Lottery;
  /**
   * Opens the run's folder when the run begins; undefined stores nothing. `lost` is called if another process takes the run
   * over. Throws RunHeld when another process writes the folder.
   */
  readonly openFolder?: (lost: (error: StorageError) => void) => Promise<RunFolder>;
  /** Called after the end of the run, also if it could not be opened. */
  readonly closeFolder?: () => Promise<void>;
}

/** How a run of a population ended. */
export type RunEnd = LotteryRun | RunFailure | RunHeld;

/**
 * Number of runs that are prepared (folder opened, weights drawn) while all slots of the engine are in use: enough that
 * a free slot does not wait, few enough that they need little memory.
 */
export const readyRuns = 4;

/**
 * Runs a population on one engine. The runs with the largest estimated cost begin first, so that no long run is left
 * for the end. A run that ends frees its slot for the next. The result of a run does not depend on the others.
 * @param runs all on the same engine
 * @param ended called with the index and the result of each run that has ended, also before an error stops the others
 * @returns the result of each run in the order of `runs`; a run that fails by itself gives its error and does not stop
 * the others: RunError when training diverges, InputError when its folder cannot be used, StorageError when storing fails;
 * a run that another process writes gives a RunHeld
 * @throws any other error of a run, such as a lost device, or the signal's reason; all runs are stopped, their finished
 * levels kept
 */
export async function runPopulation(
  runs: readonly PopulationRun[],
  signal?: AbortSignal,
  ended?: (run: number, end: RunEnd) => void,
): Promise<RunEnd[]> {
  // Each run has its own signal: Node warns of a leak when hundreds of listeners use one signal.
  const begun = new Set<AbortController>();
  let stopped: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    for (const run of begun) run.abort(reason);
  };
  const stopOnAbort = () => stop(signal?.reason);
  if (signal?.aborted) stopOnAbort();
  signal?.addEventListener("abort", stopOnAbort);

  // One after the other in the order of the queue, so that the first runs train while the weights of others are drawn.
  let drawn: Promise<unknown> = Promise.resolve();
  const draw = (spec: Spec, seed: number): Promise<Parameters> => {
    const drawing = drawn.then(() => {
      if (stopped) throw stopped.reason;
      return initialParametersInTurns(spec.shape, spec.initSeed ?? seed, spec);
    });
    drawn = drawing.catch(() => {});
    return drawing;
  };

  const results: RunEnd[] = new Array(runs.length);
  const queue = runs.map((run, place) => ({ run, place, cost: runCost(run.lottery.spec) }));
  queue.sort((a, b) => b.cost - a.cost);
  let next = 0;
  const processQueue = async () => {
    while (next < queue.length && !stopped) {
      const { run, place } = queue[next++];
      const { lottery, openFolder, closeFolder } = run;
      const own = new AbortController();
      begun.add(own);
      const end = (result: RunEnd) => {
        results[place] = result;
        ended?.(place, result);
      };
      try {
        end(
          await runLottery({ ...lottery, draw, signal: own.signal }, await openFolder?.((error) => own.abort(error))),
        );
      } catch (error) {
        if (error instanceof RunHeld) end(error);
        else if (isRunFailure(error)) {
          end(error);
          const { experiment, seed } = lottery;
          lottery.observe?.({ kind: "failed", experiment, seed, error });
        } else stop(error);
      } finally {
        begun.delete(own);
        await closeFolder?.();
      }
    }
  };
  const slots = runs[0]?.lottery.engine.slots ?? 0;
  try {
    await Promise.all(Array.from({ length: Math.min(runs.length, slots + readyRuns) }, processQueue));
  } finally {
    signal?.removeEventListener("abort", stopOnAbort);
  }
  if (stopped) throw stopped.reason;
  return results;
}
