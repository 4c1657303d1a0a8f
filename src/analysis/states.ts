import { biasCount, layerCount } from "../base/shape.ts";
import { countBits, hasBit, intersectBits } from "../mask/bits.ts";
import { biasBits, Mask, popcount } from "../mask/mask.ts";
import { type Reachability, reachability } from "../mask/reachability.ts";

/**
 * `inactive`: no path to any output, or a value of 0 for every sample: no kept bias and no path from a neuron that carries
 * (`carryingNeurons`). `zombie`: a path to an output but none from any input (alive by biases alone).
 * `active`: both. An output reaches itself and an input is reached by itself, so an isolated output is a zombie, or
 * inactive if its bias is pruned, and an isolated input is inactive (Burger 2024, chapter 3, "Parameter Categorization",
 * where biases are not pruned).
 */
export type NeuronState = "active" | "inactive" | "zombie";

/**
 * State of a weight, by its two ends: `inactive` when its source or its target is inactive, else `zombie` when its source
 * is a zombie, else `active`. State of a bias: that of its neuron. `pruned`: masked out.
 */
export type WeightState = NeuronState | "pruned";

/** The state of a kept weight, by those of the neurons that it leads from and to. */
export function keptWeightState(source: NeuronState, target: NeuronState): NeuronState {
  return target === "inactive" ? target : source;
}

/** Numbers of neurons in each state. */
export interface NeuronCounts {
  readonly active: number;
  readonly inactive: number;
  readonly zombie: number;
}

/** Numbers of weights, or of biases, in each state; they sum to those of the dense network. */
export interface WeightCounts extends NeuronCounts {
  readonly pruned: number;
}

/** Weights, or biases, of the dense network. */
export function allWeights({ active, inactive, zombie, pruned }: WeightCounts): number {
  return active + inactive + zombie + pruned;
}

/** The state of every neuron, `[layer][neuron]`, layer 0 being the inputs. */
export function neuronStates(mask: Mask, { fromInput, toOutput }: Reachability): NeuronState[][] {
  return mask.shape.map((width, layer) =>
    Array.from({ length: width }, (_, neuron) => {
      if (!hasBit(toOutput[layer], neuron)) return "inactive";
      return hasBit(fromInput[layer], neuron) ? "active" : "zombie";
    }),
  );
}

/** How many neurons are in each state, inputs and outputs included. */
export function countNeurons(states: readonly (readonly NeuronState[])[]): NeuronCounts {
  const counts = { active: 0, inactive: 0, zombie: 0 };
  for (const layer of states) for (const state of layer) counts[state]++;
  return counts;
}

/** How many biases are in each state. */
export function countBiases(mask: Mask, { fromInput, toOutput }: Reachability): WeightCounts {
  let [kept, active, inactive] = [0, 0, 0];
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const [reached, leading] = [fromInput[layer + 1], toOutput[layer + 1]];
    biasBits(mask, layer).forEach((biases, word) => {
      kept += popcount(biases);
      active += popcount(biases & reached[word] & leading[word]);
      inactive += popcount(biases & ~leading[word]);
    });
  }
  return { active, inactive, zombie: kept - active - inactive, pruned: biasCount(mask.shape) - kept };
}

/** How many weights are in each state; biases are not counted. */
export function countWeights(mask: Mask, { fromInput, toOutput, carrying }: Reachability): WeightCounts {
  const { rowWords, wordOffset } = mask.layout;
  let kept = 0;
  let active = 0;
  let inactive = 0;
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const reached = fromInput[layer];
    // Most layers have no neuron that carries nothing.
    const silent = carrying[layer].map((word) => ~word);
    const hasSilent = countBits(carrying[layer]) < mask.shape[layer];
    for (let target = 0; target < mask.shape[layer + 1]; target++) {
      const row = wordOffset[layer] + target * rowWords[layer];
      let rowKept = 0;
      let rowReached = 0;
      let rowSilent = 0;
      for (let word = 0; word < rowWords[layer]; word++) {
        const weights = mask.words[row + word];
        rowKept += popcount(weights);
        rowReached += popcount(weights & reached[word]);
        if (hasSilent) rowSilent += popcount(weights & silent[word]);
      }
      kept += rowKept;
      if (hasBit(toOutput[layer + 1], target)) {
        active += rowReached;
        inactive += rowSilent;
      } else inactive += rowKept;
    }
  }
  return { active, inactive, zombie: kept - active - inactive, pruned: mask.size - kept };
}

/** The active weights and biases of a mask, as a mask. */
export function activeWeights(mask: Mask): Mask {
  const { fromInput, toOutput } = reachability(mask);
  const { rowWords, wordOffset } = mask.layout;
  const active = new Mask(mask.shape, new Uint32Array(mask.words.length), mask.biasWords.slice());
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const neurons = intersectBits(fromInput[layer + 1], toOutput[layer + 1]);
    const biases = biasBits(active, layer);
    neurons.forEach((word, i) => {
      biases[i] &= word;
    });
    for (let target = 0; target < mask.shape[layer + 1]; target++) {
      if (!hasBit(toOutput[layer + 1], target)) continue;
      const row = wordOffset[layer] + target * rowWords[layer];
      for (let word = 0; word < rowWords[layer]; word++) {
        active.words[row + word] = mask.words[row + word] & fromInput[layer][word];
      }
    }
  }
  return active;
}

/**
 * The states of the weights, a row `[input]` at a time, by layer and output neuron. All together they are as large as the dense
 * network, so `analyze` does not contain them.
 */
export function* weightStateRows(mask: Mask): Generator<{ layer: number; output: number; states: WeightState[] }> {
  const { fromInput, toOutput, carrying } = reachability(mask);
  const { rowWords, wordOffset } = mask.layout;
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const [reached, signalling] = [fromInput[layer], carrying[layer]];
    for (let output = 0; output < mask.shape[layer + 1]; output++) {
      const row = wordOffset[layer] + output * rowWords[layer];
      const leads = hasBit(toOutput[layer + 1], output);
      const states = new Array<WeightState>(mask.shape[layer]);
      for (let input = 0; input < states.length; input++) {
        const bit = 1 << (input & 31);
        if ((mask.words[row + (input >>> 5)] & bit) === 0) states[input] = "pruned";
        else if (!leads || (signalling[input >>> 5] & bit) === 0) states[input] = "inactive";
        else states[input] = (reached[input >>> 5] & bit) === 0 ? "zombie" : "active";
      }
      yield { layer, output, states };
    }
  }
}

/** The state of every weight, `[layer][output neuron][input neuron]`, for drawings of small tickets. */
export function weightStates(mask: Mask): WeightState[][][] {
  const layers: WeightState[][][] = Array.from({ length: layerCount(mask.shape) }, () => []);
  for (const { layer, states } of weightStateRows(mask)) layers[layer].push(states);
  return layers;
}
