import { layerCount, type Shape } from "../base/shape.ts";
import { lowestBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";

/** The kept weights of a mask as lists, by layer. Neurons are numbered across layers, inputs first. */
export class WeightLists {
  /** Number of the first neuron of each layer; then the number of all neurons. */
  readonly firstNeuron: readonly number[];
  /** First weight of each layer; then the number of all weights. */
  readonly starts: Uint32Array;
  /** The neuron that a weight leads from, and that it leads to. */
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;

  /** @param count of weights, in all layers together */
  constructor(
    readonly shape: Shape,
    count: number,
  ) {
    const firstNeuron = [0];
    for (const width of shape) firstNeuron.push(firstNeuron[firstNeuron.length - 1] + width);
    this.firstNeuron = firstNeuron;
    this.starts = new Uint32Array(layerCount(shape) + 1);
    this.sources = new Uint32Array(count);
    this.targets = new Uint32Array(count);
  }

  static of(mask: Mask): WeightLists {
    const lists = new WeightLists(mask.shape, mask.count());
    const { rowWords, wordOffset } = mask.layout;
    let at = 0;
    for (let layer = 0; layer < layerCount(mask.shape); layer++) {
      lists.starts[layer] = at;
      for (let output = 0; output < mask.shape[layer + 1]; output++) {
        const row = wordOffset[layer] + output * rowWords[layer];
        for (let word = 0; word < rowWords[layer]; word++) {
          for (let rest = mask.words[row + word]; rest !== 0; rest &= rest - 1) {
            lists.sources[at] = lists.firstNeuron[layer] + word * 32 + lowestBit(rest);
            lists.targets[at++] = lists.firstNeuron[layer + 1] + output;
          }
        }
      }
    }
    lists.starts[layerCount(mask.shape)] = at;
    return lists;
  }
}
