import type { ActiveGraph } from "./active_graph.ts";
import { kMeans } from "./k_means.ts";
import { largestEigenvectors } from "./lanczos.ts";

/** A partition of the nodes of a graph and its n-cut. */
export interface NormalizedCut {
  /** Group of each node, from 0. */
  readonly groupOf: Uint32Array;
  readonly nCut: number;
}

/**
 * The n-cut of a partition: the sum over groups of (edges that leave the group) / (sum of the degrees of its nodes)
 * (J. Shi and J. Malik, "Normalized cuts and image segmentation", IEEE Trans. PAMI 22, 2000). From 0, where no edge joins two groups, to the
 * number of groups.
 * @param groups number of groups; one without nodes adds nothing
 */
export function nCutOf({ nodes, start, neighbours }: ActiveGraph, groupOf: ArrayLike<number>, groups: number): number {
  const leaving = new Float64Array(groups);
  const degrees = new Float64Array(groups);
  for (let node = 0; node < nodes; node++) {
    const group = groupOf[node];
    degrees[group] += start[node + 1] - start[node];
    for (let i = start[node]; i < start[node + 1]; i++) if (groupOf[neighbours[i]] !== group) leaving[group]++;
  }
  let sum = 0;
  for (let group = 0; group < groups; group++) if (degrees[group] > 0) sum += leaving[group] / degrees[group];
  return sum;
}

/**
 * Divides a graph into groups by spectral clustering and gives its n-cut, as D. Filan, S. Casper, S. Hod, C. Wild, A. Critch
 * and S. Russell do ("Clusterability in Neural Networks", 2021, section 2 and algorithm 1), with edges of weight 1: the eigenvectors
 * of the smallest eigenvalues of the normalised Laplacian 1 - D^-1 A, one for each group, place every node in a space, in which k-means
 * finds the groups. The n-cut of all partitions may be smaller: to find it is NP-hard.
 * A graph of at least as many components as groups has n-cut 0: the smaller components join the last group.
 * @param graph every node has an edge
 * @param groups from 1
 * @returns null for a graph with fewer nodes than groups, and where an eigenvector is not found
 */
export function spectralCut(graph: ActiveGraph, groups: number): NormalizedCut | null {
  const { nodes, start, neighbours } = graph;
  if (nodes < groups) return null;
  const { componentOf, components } = connected(graph);
  if (components >= groups) {
    return { groupOf: componentOf.map((component) => Math.min(component, groups - 1)), nCut: 0 };
  }
  // D^-1/2 A D^-1/2 is symmetric; its eigenvectors, divided by the roots of the degrees, are those of D^-1 A.
  const root = Float64Array.from({ length: nodes }, (_, node) => Math.sqrt(start[node + 1] - start[node]));
  const scaled = new Float64Array(nodes);
  const product = (vector: Float64Array, into: Float64Array) => {
    for (let node = 0; node < nodes; node++) scaled[node] = vector[node] / root[node];
    for (let node = 0; node < nodes; node++) {
      let sum = 0;
      for (let i = start[node]; i < start[node + 1]; i++) sum += scaled[neighbours[i]];
      into[node] = sum / root[node];
    }
  };
  // Eigenvalue 1 has one eigenvector for each component.
  const known = Array.from({ length: components }, (_, component) => {
    const vector = root.map((each, node) => (componentOf[node] === component ? each : 0));
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0));
    return vector.map((value) => value / length);
  });
  const vectors = largestEigenvectors(nodes, product, known, groups);
  if (vectors.length < groups) return null;
  const points = new Float64Array(nodes * groups);
  vectors.forEach((vector, k) => {
    for (let node = 0; node < nodes; node++) points[node * groups + k] = vector[node] / root[node];
  });
  const groupOf = kMeans(points, groups, groups);
  return { groupOf, nCut: nCutOf(graph, groupOf, groups) };
}

/** The number of each node's component, by their lowest node. */
function connected({ nodes, start, neighbours }: ActiveGraph): { componentOf: Uint32Array; components: number } {
  const none = 0xffffffff;
  const componentOf = new Uint32Array(nodes).fill(none);
  const stack: number[] = [];
  let components = 0;
  for (let first = 0; first < nodes; first++) {
    if (componentOf[first] !== none) continue;
    componentOf[first] = components;
    stack.push(first);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (let i = start[node]; i < start[node + 1]; i++) {
        if (componentOf[neighbours[i]] !== none) continue;
        componentOf[neighbours[i]] = components;
        stack.push(neighbours[i]);
      }
    }
    components++;
  }
  return { componentOf, components };
}
