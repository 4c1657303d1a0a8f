/** What a measure may grow by over the time that is measured: a share of its median, or at least an amount. */
export interface Bound {
  readonly share: number;
  readonly least: number;
}

/** How a measure moved over the samples. */
export interface Trend {
  readonly median: number;
  /** Growth from the first sample to the last along the slope. */
  readonly growth: number;
  readonly bound: number;
  readonly isFlat: boolean;
}

/** Samples that a slope is taken from: the number of pairs grows with its square. */
const mostSamples = 300;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The trend of a measure by the Theil-Sen slope: the median of the slopes of all pairs of samples, which a third of
 * outliers does not move (Sen 1968). A single step up, as when a cache fills, is no trend; a leak moves all pairs.
 * @param values at equal distances, without the warm-up, at least 3
 */
export function trendOf(values: readonly number[], { share, least }: Bound): Trend {
  const stride = Math.ceil(values.length / mostSamples);
  const used = values.filter((_, k) => k % stride === 0);
  const slopes: number[] = [];
  for (let j = 1; j < used.length; j++) {
    for (let i = 0; i < j; i++) slopes.push((used[j] - used[i]) / (j - i));
  }
  const growth = median(slopes) * (used.length - 1);
  const bound = Math.max(least, share * median(used));
  return { median: median(used), growth, bound, isFlat: growth < bound };
}
