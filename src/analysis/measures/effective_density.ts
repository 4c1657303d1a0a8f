import { allWeights, type WeightCounts } from "../states.ts";
import type { Measure } from "./measure.ts";

/** Active weights / weights of the dense network, from 0 to 1: at most the density. */
export function effectiveDensityOf(weights: WeightCounts): number {
  return weights.active / allWeights(weights);
}

export const effectiveDensity: Measure = {
  name: "effective-density",
  summary: "active weights, those on a path from an input to an output / weights of the dense network",
  source:
    "Vysogorets and Kempe 2023, Connectivity Matters: Neural Network Pruning Through the Lens of Effective Sparsity",
  compute: ({ weights }) => effectiveDensityOf(weights),
};
