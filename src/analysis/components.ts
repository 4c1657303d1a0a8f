import { layerCount, type Shape } from "../base/shape.ts";
import { bitIndices, intersectBits, lowestBit } from "../mask/bits.ts";
import { type Mask, popcount } from "../mask/mask.ts";
import type { NeuronSets, Reachability } from "../mask/reachability.ts";
import { DisjointSets } from "./disjoint_sets.ts";

/** A neuron: its layer (0 holds the inputs) and its index within the layer. */
export type Neuron = [layer: number, index: number];

/** A weakly connected component of the active subgraph. */
export interface Component {
  /** Its neurons, ordered by layer, then index. */
  readonly neurons: Neuron[];
  /** Number of its weights, at least 1; all of them active. */
  readonly weights: number;
}

/** The active neurons of each layer: reached by an input and reaching an output. */
export function activeNeurons({ fromInput, toOutput }: Reachability): NeuronSets {
  return fromInput.map((reached, layer) => intersectBits(reached, toOutput[layer]));
}

/**
 * The subnetworks: weakly connected components of the active weights and their end neurons.
 * Every active neuron lies in exactly one, since a path through it has at least one weight.
 * @returns most weights first; with equal counts, the one with the lowest neuron (layer, then index) first
 */
export function components(mask: Mask, reach: Reachability): Component[] {
  const active = activeNeurons(reach);
  const offsets = neuronOffsets(mask.shape);
  const { sets, weightsInto } = joinActiveWeights(mask, active, offsets);

  const found = new Map<number, { neurons: Neuron[]; weights: number }>();
  active.forEach((neurons, layer) => {
    for (const index of bitIndices(neurons)) {
      const id = offsets[layer] + index;
      const root = sets.root(id);
      let component = found.get(root);
      if (component === undefined) {
        component = { neurons: [], weights: 0 };
        found.set(root, component);
      }
      component.neurons.push([layer, index]);
      component.weights += weightsInto[id];
    }
  });
  // Neurons are visited in order, so components are sorted by lowest neuron; the stable sort keeps this order for ties.
  return [...found.values()].sort((a, b) => b.weights - a.weights);
}

/** Number of the first neuron of each layer, with neurons numbered across layers; then the number of all neurons. */
function neuronOffsets(shape: Shape): number[] {
  const offsets = [0];
  for (const width of shape) offsets.push(offsets[offsets.length - 1] + width);
  return offsets;
}

/**
 * Joins both ends of every active weight, and counts the active weights into each neuron.
 * Most rows of a dense layer hold the same sources. Sources that are already in one set with the layer's first active
 * target (`joined`) are skipped word by word, so that the cost of a dense layer grows with its words, not its weights.
 */
function joinActiveWeights(mask: Mask, active: NeuronSets, offsets: readonly number[]) {
  const { rowWords, wordOffset } = mask.layout;
  const sets = new DisjointSets(offsets[offsets.length - 1]);
  const weightsInto = new Uint32Array(offsets[offsets.length - 1]);
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    // A source with a kept weight into an active target reaches an output: it is active iff an input reaches it.
    const sources = active[layer];
    const joined = new Uint32Array(rowWords[layer]);
    let firstTarget = -1;
    for (const index of bitIndices(active[layer + 1])) {
      const target = offsets[layer + 1] + index;
      if (firstTarget === -1) firstTarget = target;
      const row = wordOffset[layer] + index * rowWords[layer];
      let withFirst = target === firstTarget;
      let count = 0;
      for (let word = 0; word < rowWords[layer]; word++) {
        const weights = mask.words[row + word] & sources[word];
        count += popcount(weights);
        if ((weights & joined[word]) !== 0) withFirst = true;
      }
      weightsInto[target] = count;
      if (withFirst) sets.join(firstTarget, target);
      for (let word = 0; word < rowWords[layer]; word++) {
        const fresh = mask.words[row + word] & sources[word] & ~joined[word];
        for (let rest = fresh; rest !== 0; rest &= rest - 1) {
          sets.join(target, offsets[layer] + word * 32 + lowestBit(rest));
        }
        if (withFirst) joined[word] |= fresh;
      }
    }
  }
  return { sets, weightsInto };
}
