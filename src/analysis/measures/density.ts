import { allWeights, type WeightCounts } from "../states.ts";
import type { Measure } from "./measure.ts";

/** Unpruned weights / weights of the dense network, from 0 to 1. */
export function densityOf(weights: WeightCounts): number {
  const all = allWeights(weights);
  return (all - weights.pruned) / all;
}

export const density: Measure = {
  name: "density",
  summary: "unpruned weights / weights of the dense network (direct density)",
  source: "Vysogorets and Kempe 2023, section 3",
  compute: ({ weights }) => densityOf(weights),
};
