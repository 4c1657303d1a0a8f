import { type ActiveGraph, activeGraph } from "../../src/analysis/graph/active_graph.ts";
import { RandomStream } from "../../src/base/random.ts";
import type { Shape } from "../../src/base/shape.ts";
import type { Task } from "../../src/base/task.ts";
import type { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { task, ticket } from "./drawn.ts";

/** As many tasks as given, one input and one output each, unless `inputs` says otherwise. */
export function tasksOf(count: number, inputs = 1): Task[] {
  return Array.from({ length: count }, (_, k) => task(`task-${k}`, [k * inputs, inputs], [k, 1]));
}

/** A mask that keeps each weight with some probability. */
export function randomMask(shape: Shape, share: number, seed: number): Mask {
  const mask = ticket(shape, []);
  const random = new RandomStream(seed, "randomPruning");
  for (let layer = 0; layer + 1 < shape.length; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        if (random.nextUniform() < share) mask.set(layer, output, input, true);
      }
    }
  }
  return mask;
}

/** Masks of small networks with their tasks: one to four tasks, one layer to three, an empty layer, one edge, dead neurons. */
export const smallMasks: readonly { name: string; mask: Mask; tasks: Task[] }[] = [
  { name: "an empty layer", mask: ticket([4, 3, 2], ["0-0 1-1", ""]), tasks: tasksOf(2, 2) },
  { name: "one edge", mask: ticket([2, 2], ["0-1"]), tasks: tasksOf(2) },
  // Neuron 1 of the hidden layer has no target, neuron 2 no source.
  { name: "dead neurons", mask: ticket([4, 3, 2], ["0-0 1-1 3-0", "0-0 0-1 2-1"]), tasks: tasksOf(2, 2) },
  { name: "separated", mask: ticket([4, 4, 2], ["0-0 1-1 2-2 3-3", "0-0 1-0 2-1 3-1"]), tasks: tasksOf(2, 2) },
  ...[1, 2, 3, 4].flatMap((count) =>
    [0, 1, 2].map((seed) => ({
      name: `${count} tasks, seed ${seed}`,
      mask: randomMask(seed === 2 ? [2 * count, 3, 3, count] : [2 * count, 4, count], 0.5, 10 * count + seed),
      tasks: tasksOf(count, 2),
    })),
  ),
];

/** The graph of a mask. */
export const graphOf = (mask: Mask): ActiveGraph => activeGraph(mask, reachability(mask));

/** The edges of a graph, each once, found from the mask and the definition of active weights: those on a path from an input to an output. */
export function edgesOnPaths(mask: Mask): string[] {
  const found = new Set<string>();
  for (const path of allPaths(mask)) {
    for (let k = 0; k + 1 < path.length; k++) found.add(`${k}:${path[k]}-${k + 1}:${path[k + 1]}`);
  }
  return [...found].sort();
}

/** All paths from an input to an output, as the index of the neuron in each layer. */
export function allPaths(mask: Mask): number[][] {
  const last = mask.shape.length - 1;
  const from = (layer: number, neuron: number): number[][] =>
    layer === last
      ? [[neuron]]
      : Array.from({ length: mask.shape[layer + 1] }, (_, to) => to)
          .filter((to) => mask.has(layer, to, neuron))
          .flatMap((to) => from(layer + 1, to).map((rest) => [neuron, ...rest]));
  return Array.from({ length: mask.shape[0] }, (_, input) => input).flatMap((input) => from(0, input));
}

/** A graph of any edges; layers have no meaning in it. */
export function graphOfEdges(nodes: number, list: readonly (readonly [number, number])[]): ActiveGraph {
  const rows = Array.from({ length: nodes }, (_, node) =>
    list.flatMap(([a, b]) => (a === node ? [b] : b === node ? [a] : [])).sort((a, b) => a - b),
  );
  const start = new Uint32Array(nodes + 1);
  rows.forEach((row, node) => {
    start[node + 1] = start[node] + row.length;
  });
  const none = { layerOf: new Uint16Array(nodes), indexOf: new Uint32Array(nodes) };
  return { nodes, edges: list.length, start, neighbours: Uint32Array.from(rows.flat()), ...none };
}

/** The edges of a graph as pairs of nodes, each once. */
export function edgeList({ nodes, start, neighbours }: ActiveGraph): [number, number][] {
  const edges: [number, number][] = [];
  for (let node = 0; node < nodes; node++) {
    for (let i = start[node]; i < start[node + 1]; i++) if (neighbours[i] > node) edges.push([node, neighbours[i]]);
  }
  return edges;
}

/** Every partition of `count` nodes into groups numbered in the order of their first node. */
export function* partitions(count: number, most = count): Generator<number[]> {
  function* extended(groups: number[], used: number): Generator<number[]> {
    if (groups.length === count) {
      yield groups;
      return;
    }
    for (let group = 0; group <= Math.min(used, most - 1); group++) {
      yield* extended([...groups, group], Math.max(used, group + 1));
    }
  }
  yield* extended([], 0);
}
