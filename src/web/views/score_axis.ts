/**
 * The range of the axis of scores, whose best value is 1. Scores near 1 share an axis that starts at 0.94. An accuracy
 * never needs an axis below 0; an R² can be negative, and the axis then starts below the lowest one.
 * @param scores at most 1
 */
export function scoreDomain(scores: readonly number[]): [number, number] {
  const lowest = Math.min(0.95, ...scores);
  return [lowest < 0 ? lowest - 0.02 * (1 - lowest) : Math.max(0, lowest - 0.01), 1];
}
