import { invariant } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import { studentQuantile } from "./student.ts";

/** A mean of some values, and the bounds of its 95 % interval; both are null where there are too few values for one. */
export type MeanInterval = {
  readonly mean: number;
  /** Number of values. */
  readonly count: number;
} & ({ readonly low: number; readonly high: number } | { readonly low: null; readonly high: null });

/**
 * The fewest values with an interval. Of a symmetric distribution the mean lies between the lowest and the highest of n
 * values with probability 1 - 2^(1-n): with five values no interval within them reaches 95 %.
 */
export const fewestValues = 6;

/** Resamples of the bootstrap: 24 of them lie beyond each bound for six values, more for more values. */
const resamples = 10_000;

/**
 * The mean of some values with its 95 % interval by the bootstrap: the expanded percentile interval of T. C. Hesterberg,
 * "What teachers should know about the bootstrap", The American Statistician 69, 2015. The values are drawn n at a time
 * with replacement, and the bounds are the quantiles a and 1 - a of the means, with a = Phi(-sqrt(n / (n - 1)) t), where t
 * is the 97.5 % point of Student's distribution with n - 1 degrees of freedom: for a normal distribution the interval
 * has Student's width. A mean of drawn values lies between the lowest and the highest value, so an interval of counts has
 * no negative bound, and one of accuracies lies within 0 to 1. Equal values give equal bounds.
 * @param values at least one; fewer than {@link fewestValues} have no interval
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  invariant(count > 0, "the mean of no values");
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < fewestValues) return { mean, low: null, high: null, count };

  // One seed, so that a report of the same runs has the same bytes.
  const random = new RandomStream(0, "bootstrap");
  const means = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[Math.floor((random.nextWord() / 2 ** 32) * count)];
    means[k] = sum / count;
  }
  means.sort();
  const share = normalShare(-Math.sqrt(count / (count - 1)) * studentQuantile(count - 1));
  const beyond = Math.floor(share * resamples);
  // The mean of equal values may be off by a rounding.
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const bound = (value: number) => Math.min(Math.max(value, lowest), highest);
  return { mean, low: bound(means[beyond]), high: bound(means[resamples - 1 - beyond]), count };
}

/** The share of the normal distribution below z, for z from -4 to 0: Abramowitz and Stegun 26.2.17, off by 1e-7 at most. */
function normalShare(z: number): number {
  const t = 1 / (1 - 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const polynomial = terms.reduceRight((sum, term) => (sum + term) * t, 0);
  return (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
