import type { Spec } from "./spec.ts";

/**
 * Fixed cost of a step, in weights: a step of (4,57,57,2) on one core takes 53 us with 3,591 weights and 4 us with 112.
 */
const stepOverheadWeights = 200;

/** Estimated cost of a level in weights, under the assumption that all levels have the same number of steps. */
export function levelCost(remaining: number): number {
  return remaining + stepOverheadWeights;
}

/**
 * Estimated cost of the remaining levels of a run, in the unit of {@link levelCost}.
 * @param firstLevel the first level that is not done
 */
export function runCost({ remaining }: Spec, firstLevel = 0): number {
  return remaining.slice(firstLevel).reduce((sum, weights) => sum + levelCost(weights), 0);
}
