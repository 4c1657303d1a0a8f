import { type Shape, weightCount } from "../../base/shape.ts";
import { residentMostBatch } from "../resident/population.ts";

/** Where the kernels of an adapter cross: the cheapest for a level is found from shape, edges left and batch alone. */
export interface Crossover {
  /** Share of the weights up to which edge lists are cheaper than matrices: 0 never, 1 always. */
  readonly sparseUpTo: number;
  /** Work of a step up to which a workgroup of its own is cheaper than the whole device: edges, and gathered inputs, times samples. */
  readonly residentMostWork: number;
}

/**
 * By kind of adapter. Software, by processor time, since a population fills all processors (`npm run bench -- crossover` on
 * lavapipe): sparse and dense cross at 25 % of (784,300,100,10), 40 % of (1568,784,392,20) and 50 % of (4,178,178,2); resident and
 * sparse at 8,000 edges of (4,178,178,2), batch 64. GPU: not measured on one yet; a guess from there being hundreds of lanes for a workgroup, and
 * register tiles being faster still.
 */
export const crossovers = {
  software: { sparseUpTo: 0.3, residentMostWork: 2 ** 19 },
  gpu: { sparseUpTo: 0.1, residentMostWork: 2 ** 21 },
} as const;

/** The kernels that may be asked for: `tiled` is dense or sparse, `auto` whichever is cheapest. */
export type AskedKernels = "auto" | "dense" | "sparse" | "tiled" | "resident";

/** What an adapter's crossover becomes where some kernels are asked for. */
export function askedCrossover(asked: AskedKernels, { sparseUpTo, residentMostWork }: Crossover): Crossover {
  if (asked === "resident") return { sparseUpTo, residentMostWork: Number.POSITIVE_INFINITY };
  if (asked === "auto") return { sparseUpTo, residentMostWork };
  return { sparseUpTo: { dense: 0, sparse: 1, tiled: sparseUpTo }[asked], residentMostWork: 0 };
}

/** Edges that cost a workgroup as much as gathering one input, measured likewise: 33 ns a sample against 2. */
const edgesPerInput = 16;

/**
 * Edges up to which a workgroup of its own trains a network of some shape and batch, from 0. It hangs on nothing else: not on how
 * long something took, nor on what else trains, or a network's bytes would hang on it too.
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
