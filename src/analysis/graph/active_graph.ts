import { layerCount } from "../../base/shape.ts";
import { bitIndices, countBits, lowestBit } from "../../mask/bits.ts";
import type { Mask } from "../../mask/mask.ts";
import type { NeuronSets, Reachability } from "../../mask/reachability.ts";
import { activeNeurons } from "../components.ts";

/**
 * The undirected simple graph of the active weights between the active neurons, in compressed rows. Nodes are numbered by
 * layer, then index; neighbours of a node are in ascending order.
 */
export interface ActiveGraph {
  /** Number of nodes: active neurons. */
  readonly nodes: number;
  /** Number of edges: active weights. */
  readonly edges: number;
  /** Neighbours of node v are `neighbours[start[v]]` to `neighbours[start[v + 1] - 1]`. */
  readonly start: Uint32Array;
  /** Every edge twice, once from each end. */
  readonly neighbours: Uint32Array;
  /** Layer of each node, 0 being the inputs. */
  readonly layerOf: Uint16Array;
  /** Index of each node within its layer. */
  readonly indexOf: Uint32Array;
}

/** The graph of the active weights. Memory: 8 bytes a weight. */
export function activeGraph(mask: Mask, reach: Reachability): ActiveGraph {
  const { rowWords, wordOffset } = mask.layout;
  const active = activeNeurons(reach);
  const { number, nodes } = numbered(active, mask);
  const layerOf = new Uint16Array(nodes);
  const indexOf = new Uint32Array(nodes);
  active.forEach((neurons, layer) => {
    for (const index of bitIndices(neurons)) {
      layerOf[number[layer][index]] = layer;
      indexOf[number[layer][index]] = index;
    }
  });

  const visit = (each: (source: number, target: number) => void) => {
    for (let layer = 0; layer < layerCount(mask.shape); layer++) {
      for (const output of bitIndices(active[layer + 1])) {
        const row = wordOffset[layer] + output * rowWords[layer];
        for (let word = 0; word < rowWords[layer]; word++) {
          for (let rest = mask.words[row + word] & active[layer][word]; rest !== 0; rest &= rest - 1) {
            each(number[layer][word * 32 + lowestBit(rest)], number[layer + 1][output]);
          }
        }
      }
    }
  };
  const start = new Uint32Array(nodes + 1);
  visit((source, target) => {
    start[source + 1]++;
    start[target + 1]++;
  });
  for (let node = 0; node < nodes; node++) start[node + 1] += start[node];
  const neighbours = new Uint32Array(start[nodes]);
  const next = start.slice(0, nodes);
  // By target in ascending order, and by source within it: so both lists of every node are ascending, and a node's sources
  // come before its targets, since the layer of the sources is visited first.
  visit((source, target) => {
    neighbours[next[source]++] = target;
    neighbours[next[target]++] = source;
  });
  return { nodes, edges: neighbours.length / 2, start, neighbours, layerOf, indexOf };
}

/** Numbers of the nodes, `[layer][neuron]`. */
function numbered(active: NeuronSets, { shape }: Mask): { number: Uint32Array[]; nodes: number } {
  let nodes = 0;
  const number = active.map((neurons, layer) => {
    const numbers = new Uint32Array(shape[layer]);
    bitIndices(neurons).forEach((index, i) => {
      numbers[index] = nodes + i;
    });
    nodes += countBits(neurons);
    return numbers;
  });
  return { number, nodes };
}

/** Number of edges of a node. */
export function degreeOf({ start }: ActiveGraph, node: number): number {
  return start[node + 1] - start[node];
}
