import { layerCount } from "../base/shape.ts";
import { emptyBits, hasBit, intersectBits, rangeBits, setBit } from "./bits.ts";
import { biasBits, type Mask } from "./mask.ts";

/** One set of neurons per layer of the network, layer 0 being the inputs; bits as in `bits.ts`. */
export type NeuronSets = readonly Uint32Array[];

/** Neurons that an input reaches, neurons that reach an output, and neurons that carry a signal. */
export interface Reachability {
  /** Neurons with a directed path of kept weights from some input; every input is among them. */
  readonly fromInput: NeuronSets;
  /** Carrying neurons with a directed path of kept weights to some output; every output that carries is among them. */
  readonly toOutput: NeuronSets;
  /** Neurons whose value can be another than 0: {@link carryingNeurons}. */
  readonly carrying: NeuronSets;
}

/**
 * The given inputs and all neurons with a path from one of them.
 * @param inputs set of layer-0 neurons
 */
export function descendants(mask: Mask, inputs: Uint32Array): NeuronSets {
  const { rowWords, wordOffset } = mask.layout;
  const sets = [inputs];
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const sources = sets[layer];
    const targets = emptyBits(mask.shape[layer + 1]);
    for (let target = 0; target < mask.shape[layer + 1]; target++) {
      const row = wordOffset[layer] + target * rowWords[layer];
      for (let word = 0; word < rowWords[layer]; word++) {
        if ((mask.words[row + word] & sources[word]) !== 0) {
          setBit(targets, target);
          break;
        }
      }
    }
    sets.push(targets);
  }
  return sets;
}

/**
 * The given outputs and all neurons with a path to one of them.
 * @param outputs set of last-layer neurons
 */
export function ancestors(mask: Mask, outputs: Uint32Array): NeuronSets {
  const { rowWords, wordOffset } = mask.layout;
  const layers = layerCount(mask.shape);
  const sets: Uint32Array[] = [];
  sets[layers] = outputs;
  for (let layer = layers - 1; layer >= 0; layer--) {
    const targets = sets[layer + 1];
    const sources = emptyBits(mask.shape[layer]);
    for (let target = 0; target < mask.shape[layer + 1]; target++) {
      if (!hasBit(targets, target)) continue;
      const row = wordOffset[layer] + target * rowWords[layer];
      for (let word = 0; word < rowWords[layer]; word++) sources[word] |= mask.words[row + word];
    }
    sets[layer] = sources;
  }
  return sets;
}

/**
 * The neurons with a directed path of kept weights to some output, every output included. Other neurons get no gradient
 * and no output depends on them, so training gives the same result without them.
 */
export function reachingOutputs(mask: Mask): NeuronSets {
  const outputs = mask.shape[mask.shape.length - 1];
  return ancestors(mask, rangeBits(outputs, 0, outputs));
}

/**
 * The inputs, the neurons whose bias is kept, and all neurons that one of these reaches by kept weights. Any other neuron
 * has no kept bias and no weight from a carrying neuron: its sum is 0, and so is its value, since every activation of
 * `src/network/activations` is 0 at 0. (Under an activation f with f(0) other than 0, such as the logistic function, its
 * value would be the constant f(0), and it would carry.)
 */
export function carryingNeurons(mask: Mask): NeuronSets {
  const { shape, layout, words } = mask;
  const { rowWords, wordOffset } = layout;
  const sets: Uint32Array[] = [rangeBits(shape[0], 0, shape[0])];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const sources = sets[layer];
    const targets = biasBits(mask, layer).slice();
    for (let target = 0; target < shape[layer + 1]; target++) {
      if (hasBit(targets, target)) continue;
      const row = wordOffset[layer] + target * rowWords[layer];
      if (sources.some((word, i) => (words[row + i] & word) !== 0)) setBit(targets, target);
    }
    sets.push(targets);
  }
  return sets;
}

/** Reachability from all inputs and to all outputs: it determines the states of neurons and weights. */
export function reachability(mask: Mask): Reachability {
  const inputs = mask.shape[0];
  const carrying = carryingNeurons(mask);
  return {
    fromInput: descendants(mask, rangeBits(inputs, 0, inputs)),
    // A path from a carrying neuron leads through carrying neurons only.
    toOutput: reachingOutputs(mask).map((neurons, layer) => intersectBits(neurons, carrying[layer])),
    carrying,
  };
}
