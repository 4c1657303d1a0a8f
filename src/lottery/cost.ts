import type { Spec } from "./spec.ts";

/** What a step costs beside its weights, in weights: of (4,57,57,2) on one core, 3,591 weights take 53 us and 112 take 4. */
const stepOverheadWeights = 200;

/** About how long a level takes, in weights: as if every level took as many steps. */
export function levelCost(remaining: number): number {
  return remaining + stepOverheadWeights;
}

/**
 * About how long a run takes if it goes through all its levels, in the same unit.
 * @param firstLevel the level that it is at: those before it are done
 */
export function runCost({ remaining }: Spec, firstLevel = 0): number {
  return remaining.slice(firstLevel).reduce((sum, weights) => sum + levelCost(weights), 0);
}
