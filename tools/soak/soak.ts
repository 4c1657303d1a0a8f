import { bounds, type Measure, type Sample, takeSample } from "./sample.ts";
import { type Trend, trendOf } from "./trend.ts";

/** The share of the samples at the beginning that are left out: caches fill, code is compiled. */
const warmUp = 0.3;

export interface SoakResult {
  readonly samples: readonly Sample[];
  /** Of each measure that the platform tells, over the samples after the warm-up. */
  readonly trends: ReadonlyMap<Measure, Trend>;
}

/**
 * Does rounds of work until a time is over, and samples this process after each.
 * @param round one round of work
 * @param buffers device buffers that are alive
 * @param least rounds that are done in any case
 */
export async function soak(
  round: (number: number) => Promise<void>,
  buffers: () => number,
  milliseconds: number,
  least: number,
  say: (number: number, sample: Sample) => void = () => {},
): Promise<SoakResult> {
  const endsAt = performance.now() + milliseconds;
  const samples: Sample[] = [];
  for (let number = 0; number < least || performance.now() < endsAt; number++) {
    await round(number);
    samples.push(await takeSample(buffers()));
    say(number, samples[number]);
  }
  const kept = samples.slice(Math.floor(samples.length * warmUp));
  const trends = new Map<Measure, Trend>();
  for (const measure of Object.keys(bounds) as Measure[]) {
    const values = kept.flatMap((sample) => sample[measure] ?? []);
    if (values.length === kept.length) trends.set(measure, trendOf(values, bounds[measure]));
  }
  return { samples, trends };
}

/** A line for each measure, as `ok threads: ...` or `FAILED threads: ...`. */
export function describeTrends(trends: SoakResult["trends"]): string[] {
  return [...trends].map(([measure, { median, growth, bound, isFlat }]) => {
    const inUnit = (value: number) =>
      measure.endsWith("Bytes") ? `${(value / 2 ** 20).toFixed(1)} MiB` : value.toFixed(1);
    return `${isFlat ? "ok" : "FAILED"} ${measure}: median ${inUnit(median)}, grew by ${inUnit(growth)} (bound ${inUnit(bound)})`;
  });
}
