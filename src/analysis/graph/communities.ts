import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import { RandomStream } from "../../base/random.ts";
import type { ActiveGraph } from "./active_graph.ts";
import { modularityOf } from "./modularity.ts";

/** Searches from different orders of the nodes; the best result counts. */
const searches = 4;

/** A partition of the nodes of a graph and its modularity. */
export interface Communities {
  /** Group of each node, from 0. */
  readonly groupOf: Uint32Array;
  readonly modularity: number;
}

/**
 * The partition with the highest modularity that the Louvain method finds (V. D. Blondel, J.-L. Guillaume, R. Lambiotte
 * and E. Lefebvre, "Fast unfolding of communities in large networks", J. Stat. Mech. 2008; of the library graphology), resolution 1: the best of a few
 * searches, whose random orders are the same every time. The highest modularity of all partitions may be larger: to find it is NP-hard.
 * @returns null for a graph without edges
 */
export function bestCommunities(graph: ActiveGraph): Communities | null {
  const { nodes, edges, start, neighbours } = graph;
  if (edges === 0) return null;
  const given = new Graph({ type: "undirected", multi: false, allowSelfLoops: false });
  for (let node = 0; node < nodes; node++) given.addNode(node);
  for (let node = 0; node < nodes; node++) {
    for (let i = start[node]; i < start[node + 1]; i++) {
      if (neighbours[i] > node) given.addEdge(node, neighbours[i]);
    }
  }
  let best: Communities | null = null;
  for (let search = 0; search < searches; search++) {
    const random = new RandomStream(search, "communities");
    const found = louvain(given, { resolution: 1, getEdgeWeight: null, rng: () => random.nextUniform() });
    const groupOf = Uint32Array.from({ length: nodes }, (_, node) => found[node]);
    // By our own sum, so that equal partitions have equal modularity whatever the library's order of sums.
    const modularity = modularityOf(graph, groupOf) ?? 0;
    if (best === null || modularity > best.modularity) best = { groupOf, modularity };
  }
  return best;
}
