import type { ActiveGraph } from "./active_graph.ts";

/**
 * Modularity of a partition of a graph's nodes, resolution 1: the sum over groups of e/m - (d / 2m)^2, where m is the number of edges,
 * e of those within the group and d the sum of the degrees of its nodes (M. E. J. Newman and M. Girvan, "Finding and evaluating community
 * structure in networks", Phys. Rev. E 69, 2004, eq. 5; in this form A. Clauset, M. E. J. Newman and C. Moore 2004). From -1/2 to 1.
 * @param groupOf number of each node's group, from 0
 * @returns null for a graph without edges
 */
export function modularityOf({ nodes, edges, start, neighbours }: ActiveGraph, groupOf: ArrayLike<number>) {
  if (edges === 0) return null;
  let groups = 0;
  for (let node = 0; node < nodes; node++) groups = Math.max(groups, groupOf[node] + 1);
  const within = new Float64Array(groups);
  const degrees = new Float64Array(groups);
  for (let node = 0; node < nodes; node++) {
    const group = groupOf[node];
    degrees[group] += start[node + 1] - start[node];
    for (let i = start[node]; i < start[node + 1]; i++) {
      if (neighbours[i] > node && groupOf[neighbours[i]] === group) within[group]++;
    }
  }
  let sum = 0;
  for (let group = 0; group < groups; group++) sum += within[group] / edges - (degrees[group] / (2 * edges)) ** 2;
  return sum;
}
