import { type Spread, spreadOf } from "./statistics.ts";

/** How much time a figure gets. */
export interface Pace {
  /** Milliseconds of a trial at least: far above the grain of any clock. */
  readonly trialMs: number;
  /** Milliseconds of all trials of one figure together. */
  readonly caseMs: number;
  /** Trials at least, however long they take. */
  readonly leastTrials: number;
}

/** Trials at most: more tell nothing new. */
const mostTrials = 101;

/**
 * Times work that can be repeated. Repeats double until a trial is long enough, which also warms up whatever needs it; then
 * trials run until their time is used up.
 * @param trial does the work so many times and returns the milliseconds that it took
 * @param unit work of one repeat, in whatever the figure counts; the spread is of milliseconds a unit
 * @param signal ends the measurement between two trials by throwing its reason
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
