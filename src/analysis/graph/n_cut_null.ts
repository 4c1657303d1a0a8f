import { RandomStream } from "../../base/random.ts";
import type { ActiveGraph } from "./active_graph.ts";
import { type NormalizedCut, spectralCut } from "./normalized_cut.ts";
import { isComplete, shuffledEdges } from "./shuffled_edges.ts";

/** How the n-cut of a graph compares with those of shuffled graphs. */
export interface NCutNull {
  /** Shuffled graphs. */
  readonly shuffles: number;
  /** Those with at most the n-cut of the graph. */
  readonly atMost: number;
  /** (atMost + 1) / (shuffles + 1): small where the graph divides better than shuffled ones. */
  readonly p: number;
}

/**
 * Holds the n-cut of a graph against that of graphs with as many edges in every layer at random places between the same
 * neurons, as Filan et al. 2021 do (section 2.2), here of the mask and not of the values of weights. Shuffles are the same every time.
 * A shuffled graph of which no eigenvector is found, or that has too few nodes, counts as if it had at most the n-cut.
 * @returns null where no edge has another place: between every two neighbouring layers all pairs of active neurons are joined
 */
export function nCutNull(
  graph: ActiveGraph,
  { nCut }: NormalizedCut,
  groups: number,
  shuffles: number,
): NCutNull | null {
  if (isComplete(graph)) return null;
  let atMost = 0;
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    const shuffled = spectralCut(shuffledEdges(graph, new RandomStream(shuffle, "shuffledEdges")), groups);
    // Equal partitions of two graphs may differ by the rounding of the sum.
    if (!shuffled || shuffled.nCut <= nCut + 1e-9) atMost++;
  }
  return { shuffles, atMost, p: (atMost + 1) / (shuffles + 1) };
}
