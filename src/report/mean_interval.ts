import { invariant } from "../base/errors.ts";

/** A mean with the bounds of its interval. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Number of values. */
  readonly count: number;
}

/**
 * The mean of some values with Student's 95 % interval; a single value is its own interval.
 * @param values at least one
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  invariant(count > 0, "the mean of no values");
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, low: mean, high: mean, count };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = studentQuantile(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half, count };
}

/**
 * The 97.5 % point of Student's distribution: exact for one and two degrees of freedom, else the expansion of
 * Abramowitz and Stegun 26.7.5, which is off by a thousandth at three and by less beyond.
 */
function studentQuantile(degrees: number): number {
  if (degrees === 1) return 12.7062047;
  if (degrees === 2) return 4.30265273;
  const z = 1.959963984540054;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * degrees ** 4)
  );
}
