import { RunError } from "../base/errors.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { runCost } from "./cost.ts";
import { type Lottery, type LotteryRun, runLottery } from "./lottery.ts";

/** One run of a population. */
export interface PopulationRun {
  readonly lottery: Lottery;
  /** Opens the run's folder when the run begins; left out, nothing is kept. */
  readonly openFolder?: () => Promise<RunFolder>;
}

/**
 * Runs that are made ready while the engine's slots are taken: folder opened, weights drawn. Enough that a slot does not wait
 * for a run, few enough that those waiting take no memory to speak of.
 */
export const readyRuns = 4;

/**
 * Runs a population on one engine. The largest runs begin first, so that none of them is left for the end; a run that ends
 * frees its slot for the next. What a run comes to does not depend on the others.
 * @param runs all on the same engine
 * @returns what became of each run, in the order of `runs`: a run whose training diverges fails alone
 * @throws what else went wrong in a run, such as a full disk: then the others are stopped, their finished levels kept
 */
export async function runPopulation(
  runs: readonly PopulationRun[],
  signal?: AbortSignal,
): Promise<(LotteryRun | RunError)[]> {
  // A signal of its own for each run: hundreds that listen to one would look like a leak to Node.
  const begun = new Set<AbortController>();
  let stopped: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    for (const run of begun) run.abort(reason);
  };
  const stopAsTold = () => stop(signal?.reason);
  if (signal?.aborted) stopAsTold();
  signal?.addEventListener("abort", stopAsTold);

  const results: (LotteryRun | RunError)[] = new Array(runs.length);
  const queue = runs.map((run, place) => ({ run, place, cost: runCost(run.lottery.spec) }));
  queue.sort((a, b) => b.cost - a.cost);
  let next = 0;
  const playRuns = async () => {
    while (next < queue.length && !stopped) {
      const { run, place } = queue[next++];
      const { lottery, openFolder } = run;
      const own = new AbortController();
      begun.add(own);
      try {
        results[place] = await runLottery({ ...lottery, signal: own.signal }, await openFolder?.());
      } catch (error) {
        if (error instanceof RunError) {
          results[place] = error;
          const { experiment, seed } = lottery;
          lottery.observe?.({ kind: "failed", experiment, seed, error });
        } else stop(error);
      } finally {
        begun.delete(own);
      }
    }
  };
  const slots = runs[0]?.lottery.engine.slots ?? 0;
  try {
    await Promise.all(Array.from({ length: Math.min(runs.length, slots + readyRuns) }, playRuns));
  } finally {
    signal?.removeEventListener("abort", stopAsTold);
  }
  if (stopped) throw stopped.reason;
  return results;
}
