import type { ActiveGraph } from "./active_graph.ts";

/** Relative residual at which a system of equations counts as solved. */
const tolerance = 1e-10;

/**
 * Effective conductance between two sets of nodes of a graph whose edges each have conductance 1: the current that flows
 * when the nodes of one set are held at potential 1 and those of the other at 0 (P. G. Doyle and J. L. Snell, "Random Walks
 * and Electric Networks", 1984, section 1.3.4; its inverse is the resistance distance of D. J. Klein and M. Randic,
 * "Resistance distance", J. Math. Chem. 12, 1993). It is computed as the energy of the potentials, the sum over edges of squared differences,
 * whose error is the square of that of the potentials.
 *
 * The potentials of the other nodes are harmonic: the Laplacian without the rows and columns of the held nodes, solved by
 * conjugate gradients with the degrees as preconditioner (M. R. Hestenes and E. Stiefel, 1952), in float64.
 * @param sources, sinks no node is in both
 * @returns 0 where a set is empty or no path of edges connects the sets; null where the residual does not fall to 1e-10 of the right side
 */
export function effectiveConductance(
  graph: ActiveGraph,
  sources: readonly number[],
  sinks: readonly number[],
): number | null {
  if (sources.length === 0 || sinks.length === 0) return 0;
  const { nodes, start, neighbours } = graph;
  const isHeld = new Uint8Array(nodes);
  const potentials = new Float64Array(nodes);
  for (const node of sources) {
    isHeld[node] = 1;
    potentials[node] = 1;
  }
  for (const node of sinks) isHeld[node] = 1;
  if (!solveHarmonic(graph, isHeld, potentials)) return null;
  let energy = 0;
  for (let node = 0; node < nodes; node++) {
    for (let i = start[node]; i < start[node + 1]; i++) {
      const other = neighbours[i];
      if (other > node) energy += (potentials[node] - potentials[other]) ** 2;
    }
  }
  return energy;
}

/**
 * Sets the potentials of the nodes that are not held, each to the mean of its neighbours'. Nodes that no path connects to a
 * held node stay at 0.
 * @returns whether the residual has fallen to {@link tolerance}
 */
function solveHarmonic(graph: ActiveGraph, isHeld: Uint8Array, potentials: Float64Array): boolean {
  const { nodes, start, neighbours } = graph;
  /** The Laplacian on the nodes that are not held: degree times value minus the neighbours' values. */
  const applied = (values: Float64Array, into: Float64Array) => {
    for (let node = 0; node < nodes; node++) {
      if (isHeld[node] === 1) continue;
      let sum = (start[node + 1] - start[node]) * values[node];
      for (let i = start[node]; i < start[node + 1]; i++) sum -= values[neighbours[i]];
      into[node] = sum;
    }
  };
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let node = 0; node < nodes; node++) sum += a[node] * b[node];
    return sum;
  };
  // The held nodes are the right side: values that are 0 on all other nodes give it with a minus sign.
  const residual = new Float64Array(nodes);
  applied(potentials, residual);
  for (let node = 0; node < nodes; node++) residual[node] = isHeld[node] === 1 ? 0 : -residual[node];
  const goal = tolerance ** 2 * dot(residual, residual);
  const scaled = new Float64Array(nodes);
  const direction = new Float64Array(nodes);
  const image = new Float64Array(nodes);
  let product = 0;
  // In exact arithmetic as many steps as unknowns are enough.
  for (let step = 0; step <= 4 * nodes + 50; step++) {
    if (dot(residual, residual) <= goal) return true;
    for (let node = 0; node < nodes; node++) {
      scaled[node] = isHeld[node] === 1 ? 0 : residual[node] / (start[node + 1] - start[node]);
    }
    const next = dot(residual, scaled);
    const share = step === 0 ? 0 : next / product;
    product = next;
    for (let node = 0; node < nodes; node++) direction[node] = scaled[node] + share * direction[node];
    applied(direction, image);
    const length = product / dot(direction, image);
    for (let node = 0; node < nodes; node++) {
      potentials[node] += length * direction[node];
      residual[node] -= length * image[node];
    }
  }
  return false;
}
