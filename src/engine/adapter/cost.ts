import { type Shape, weightCount } from "../../base/shape.ts";
import { residentMostBatch } from "../resident/population.ts";

/**
 * Crossover points of an adapter's kernels: shape, number of edges and batch determine the cheapest kernels for a
 * level.
 */
export interface Crossover {
  /** Share of kept weights up to which edge lists are cheaper than matrices: 0 never, 1 always. */
  readonly sparseUpTo: number;
  /**
   * Work of a step up to which one workgroup per network is cheaper than the whole device: (edges + gathered inputs) x
   * samples.
   */
  readonly residentMostWork: number;
}

/**
 * Crossover points by kind of adapter.
 *
 * - Software: measured by processor time, since a population uses all processors (`npm run bench -- crossover` on
 *   lavapipe). Sparse and dense cross at 25 % of (784,300,100,10), 40 % of (1568,784,392,20) and 50 % of (4,178,178,2);
 *   resident and sparse cross at 8,000 edges of (4,178,178,2), batch 64.
 * - GPU: not measured; an estimate. A workgroup has hundreds of lanes, and register tiles are faster relative to edge
 *   lists.
 */
export const crossovers = {
  software: { sparseUpTo: 0.3, residentMostWork: 2 ** 19 },
  gpu: { sparseUpTo: 0.1, residentMostWork: 2 ** 21 },
} as const;

/** The kernels that a user may request: `tiled` is dense or sparse, `auto` the cheapest. */
export type AskedKernels = "auto" | "dense" | "sparse" | "tiled" | "resident";

/** The crossover of an adapter, adapted to the requested kernels. */
export function askedCrossover(asked: AskedKernels, { sparseUpTo, residentMostWork }: Crossover): Crossover {
  if (asked === "resident") return { sparseUpTo, residentMostWork: Number.POSITIVE_INFINITY };
  if (asked === "auto") return { sparseUpTo, residentMostWork };
  return { sparseUpTo: { dense: 0, sparse: 1, tiled: sparseUpTo }[asked], residentMostWork: 0 };
}

/**
 * Number of edges with the cost of gathering one input in a workgroup, by the same measurement: 33 ns and 2 ns per
 * sample.
 */
const edgesPerInput = 16;

/**
 * Maximum number of edges, from 0, at which a network is trained by the resident kernel. Depends on shape, batch and
 * crossover only, so that results are reproducible: neither measured times nor other networks change a network's bytes.
 */
export function residentMostEdges(shape: Shape, batch: number, { residentMostWork }: Crossover): number {
  if (batch > residentMostBatch) return 0;
  const fits = (edges: number) => (edges + edgesPerInput * Math.min(shape[0], edges)) * batch <= residentMostWork;
  let [good, bad] = [0, weightCount(shape) + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
