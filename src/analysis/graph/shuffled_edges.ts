import type { RandomStream } from "../../base/random.ts";
import type { ActiveGraph } from "./active_graph.ts";

/**
 * A graph with as many edges between every two neighbouring layers as the given one, each at a random place: all sets of pairs
 * of a neuron of the one layer and one of the next are equally likely. Nodes that are left without an edge are left out.
 */
export function shuffledEdges(graph: ActiveGraph, random: RandomStream): ActiveGraph {
  const drawn: [source: number, target: number][] = [];
  for (const { first, width, next, pairs, edges } of layersOf(graph)) {
    for (const place of drawnPlaces(pairs, edges, random)) {
      drawn.push([first + (place % width), next + Math.floor(place / width)]);
    }
  }
  return graphOf(graph, drawn);
}

/** Whether all pairs of nodes of every two neighbouring layers are joined: then there is no other such graph. */
export function isComplete(graph: ActiveGraph): boolean {
  return layersOf(graph).every(({ pairs, edges }) => pairs === edges);
}

/** The edges between every two neighbouring layers: first nodes of both, nodes of the first, pairs of nodes, edges. */
function layersOf({ nodes, start, neighbours, layerOf }: ActiveGraph) {
  const last = nodes === 0 ? 0 : layerOf[nodes - 1];
  const first = new Uint32Array(last + 2).fill(nodes);
  for (let node = nodes - 1; node >= 0; node--) first[layerOf[node]] = node;
  const edges = new Uint32Array(last + 1);
  for (let node = 0; node < nodes; node++) {
    for (let i = start[node]; i < start[node + 1]; i++) if (neighbours[i] > node) edges[layerOf[node]]++;
  }
  return Array.from({ length: last }, (_, layer) => {
    const width = first[layer + 1] - first[layer];
    const pairs = width * (first[layer + 2] - first[layer + 1]);
    return { first: first[layer], width, next: first[layer + 1], pairs, edges: edges[layer] };
  });
}

/** Some of the numbers 0 .. all - 1, each set of that size equally likely (R. W. Floyd's method, in Bentley 1987), ascending. */
function drawnPlaces(all: number, wanted: number, random: RandomStream): number[] {
  const places = new Set<number>();
  for (let last = all - wanted; last < all; last++) {
    const place = Math.floor(random.nextUniform() * (last + 1));
    places.add(places.has(place) ? last : place);
  }
  return [...places].sort((a, b) => a - b);
}

/** The graph of a list of edges, without the nodes that have none. */
function graphOf(
  { nodes, edges, layerOf, indexOf }: ActiveGraph,
  list: readonly (readonly [number, number])[],
): ActiveGraph {
  const degrees = new Uint32Array(nodes);
  for (const [source, target] of list) {
    degrees[source]++;
    degrees[target]++;
  }
  const kept = Uint32Array.from({ length: nodes }, (_, node) => node).filter((node) => degrees[node] > 0);
  const number = new Uint32Array(nodes);
  const start = new Uint32Array(kept.length + 1);
  kept.forEach((node, i) => {
    number[node] = i;
    start[i + 1] = start[i] + degrees[node];
  });
  const next = start.slice(0, kept.length);
  const neighbours = new Uint32Array(2 * edges);
  for (const [source, target] of list) {
    neighbours[next[number[source]]++] = number[target];
    neighbours[next[number[target]]++] = number[source];
  }
  const layers = Uint16Array.from(kept, (node) => layerOf[node]);
  const indices = Uint32Array.from(kept, (node) => indexOf[node]);
  return { nodes: kept.length, edges, start, neighbours, layerOf: layers, indexOf: indices };
}
