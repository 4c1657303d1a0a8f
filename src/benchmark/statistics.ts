/** Statistics of the trials of one figure, in the figure's unit. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly highest: number;
  /** Number of trials. */
  readonly trials: number;
}

/** Statistics of at least one trial. Median and quartiles are robust against other load on the machine. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowest: sorted[0],
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    highest: sorted[sorted.length - 1],
    trials: sorted.length,
  };
}

/** Quantile of sorted values with linear interpolation (type 7 of R). */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** The spread of `work / value`: converts times to rates. */
export function inverse(spread: Spread, work: number): Spread {
  const { median, lowest, lowerQuartile, upperQuartile, highest, trials } = spread;
  return {
    median: work / median,
    lowest: work / highest,
    lowerQuartile: work / upperQuartile,
    upperQuartile: work / lowerQuartile,
    highest: work / lowest,
    trials,
  };
}
