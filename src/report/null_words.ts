import { plural, threeDigits } from "../base/format.ts";
import type { SwapCheck } from "../nulls/models/model.ts";
import type { NullModelResult } from "../nulls/null_test.ts";

/** Level of a q-value at which a statement about a ticket is counted. */
export const significantBelow = 0.05;

/** A number of a statistic, which may be below 0. */
export function formatStatistic(value: number | null | undefined): string {
  if (value === null || value === undefined) return "none";
  return value < 0 ? `-${threeDigits(-value)}` : threeDigits(value);
}

/** What is to be said of a model's nulls, a line each. */
export function modelLines(model: string, { impossible, notes, swaps }: NullModelResult): string[] {
  if (impossible !== undefined) return [`${model}: ${impossible}`];
  return [...notes.map((note) => `${model}: ${note}`), ...(swaps ? [`${model}: ${swapWords(swaps)}`] : [])];
}

/** How long the chains of swaps are, and whether that is long enough. */
export function swapWords(check: SwapCheck): string {
  const { proposalsPerWeight, swapsPerWeight, chains, largestDifference, differing, isStationary } = check;
  const made = swapsPerWeight.map((swaps) => (swaps === null ? "none" : threeDigits(swaps)));
  const difference =
    largestDifference > 1000 ? "without any overlap" : `${threeDigits(largestDifference)} standard errors`;
  const verdict = isStationary
    ? `stationary: ${plural(chains, "chain")} from the ticket and as many from a mask far from it agree (largest difference ${difference}, ${differing})`
    : `not stationary: ${plural(chains, "chain")} from the ticket and as many from a mask far from it differ (${difference}, ${differing}); p-values hold, and are larger than with longer chains`;
  return `${proposalsPerWeight} swaps proposed for each weight, made for each weight of the layers: ${made.join(", ")}; ${verdict}`;
}
