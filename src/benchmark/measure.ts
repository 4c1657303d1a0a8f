import { type Spread, spreadOf } from "./statistics.ts";

/** Time limits of a figure. */
export interface Pace {
  /** Minimum time of a trial in ms: far above the resolution of any clock. */
  readonly trialMs: number;
  /** Total time of the trials of one figure in ms. */
  readonly caseMs: number;
  /** Minimum number of trials, even beyond `caseMs`. */
  readonly leastTrials: number;
}

/** Maximum number of trials; more do not improve the statistics much. */
const mostTrials = 101;

/**
 * Times repeatable work. The number of repeats doubles until a trial is long enough, which is also the warm-up; then
 * trials run until their total time is reached.
 * @param trial does the work the given number of times and returns the time in ms
 * @param unit work of one repeat, in the unit of the figure; the result is in ms per unit
 * @param signal stops the measurement between two trials: its reason is thrown
 */
export async function measure(
  trial: (repeats: number) => Promise<number>,
  unit: number,
  pace: Pace,
  signal?: AbortSignal,
): Promise<Spread> {
  let repeats = 1;
  for (;;) {
    signal?.throwIfAborted();
    if ((await trial(repeats)) >= pace.trialMs) break;
    repeats *= 2;
  }
  const times: number[] = [];
  let spentMs = 0;
  while (times.length < pace.leastTrials || (spentMs < pace.caseMs && times.length < mostTrials)) {
    signal?.throwIfAborted();
    const elapsedMs = await trial(repeats);
    spentMs += elapsedMs;
    times.push(elapsedMs / (repeats * unit));
  }
  return spreadOf(times);
}
