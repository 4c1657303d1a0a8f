import type { RandomStream } from "../../base/random.ts";
import { layerCount } from "../../base/shape.ts";
import { Mask } from "../../mask/mask.ts";
import { WeightLists } from "../weight_lists.ts";
import { layerSize } from "./drawn_layers.ts";

/** The most weights of a layer of which one random word chooses two. */
const mostOfHalfWord = 65536;
/** Proposals whose random words are drawn at once. */
const proposalsAtOnce = 256;

/** Which layers keep more than half of their weights: there the pruned ones are swapped, which are fewer and more of whose swaps are possible. */
function denseLayers(mask: Mask): boolean[] {
  return Array.from(
    { length: layerCount(mask.shape) },
    (_, layer) => 2 * mask.count(layer) > layerSize(mask.shape, layer),
  );
}

/** Number of weights of a layer that are swapped: the kept ones or the pruned ones, whichever are fewer. */
export function swappedCount(mask: Mask, layer: number): number {
  const kept = mask.count(layer);
  return Math.min(kept, layerSize(mask.shape, layer) - kept);
}

/**
 * Double edge swaps within each layer: of two weights a to b and c to d, a to d and c to b take the place, unless one of these is
 * there already. Every neuron keeps its number of weights in and out (Maslov and Sneppen 2002). A proposal that cannot be made
 * counts as a step that changes nothing, without which some masks would come up more often than others. In a layer that is more than half full,
 * the pruned weights are swapped in the same way: that is a swap of kept ones too, of a to d and c to b.
 */
export class SwapChain {
  /** Swaps made by the last chain, by layer. */
  readonly swaps: Uint32Array;
  readonly #origin: WeightLists;
  readonly #originWords: Uint32Array;
  /** The mask in which dense layers are inverted, and its weights: what is swapped. */
  readonly #swapped: Mask;
  readonly #swappedLists: WeightLists;
  /** The mask itself where some layer is dense. */
  readonly #inverted:
    | { readonly layers: readonly boolean[]; readonly mask: Mask; readonly lists: WeightLists }
    | undefined;
  readonly #full: Mask;
  readonly #drawn = new Uint32Array(2 * proposalsAtOnce);

  constructor(readonly start: Mask) {
    const layers = denseLayers(start);
    this.#full = Mask.full(start.shape);
    this.#swapped = start.clone();
    this.#inverted = layers.some((isDense) => isDense)
      ? { layers, mask: start.clone(), lists: WeightLists.of(start) }
      : undefined;
    this.#invert(start, this.#swapped, layers);
    this.#origin = WeightLists.of(this.#swapped);
    this.#swappedLists = WeightLists.of(this.#swapped);
    this.#originWords = this.#swapped.words.slice();
    this.swaps = new Uint32Array(layerCount(start.shape));
  }

  /** The words of the mask that the last chain has led to. */
  get words(): Uint32Array {
    return (this.#inverted?.mask ?? this.#swapped).words;
  }

  /**
   * A chain from the start.
   * @param proposals number of swaps proposed in each layer
   * @returns the weights that it leads to, in lists that the next chain changes
   */
  draw(random: RandomStream, proposals: readonly number[]): WeightLists {
    this.#swappedLists.sources.set(this.#origin.sources);
    this.#swappedLists.targets.set(this.#origin.targets);
    this.#swapped.words.set(this.#originWords);
    this.swaps.fill(0);
    for (let layer = 0; layer < proposals.length; layer++) {
      if (proposals[layer] > 0) this.#runLayer(random, layer, proposals[layer]);
    }
    if (!this.#inverted) return this.#swappedLists;
    const { layers, mask, lists } = this.#inverted;
    this.#invert(this.#swapped, mask, layers);
    lists.fill(mask);
    return lists;
  }

  /** Writes a mask with some layers inverted. */
  #invert(from: Mask, to: Mask, layers: readonly boolean[]): void {
    const { wordOffset, words } = from.layout;
    layers.forEach((isDense, layer) => {
      const end = wordOffset[layer + 1] ?? words;
      for (let word = wordOffset[layer]; word < end; word++) {
        to.words[word] = isDense ? this.#full.words[word] & ~from.words[word] : from.words[word];
      }
    });
  }

  #runLayer(random: RandomStream, layer: number, proposals: number): void {
    const { starts, sources, targets, firstNeuron } = this.#swappedLists;
    const { words, layout } = this.#swapped;
    const rowWords = layout.rowWords[layer];
    const [start, count] = [starts[layer], starts[layer + 1] - starts[layer]];
    const [firstSource, firstTarget] = [firstNeuron[layer], firstNeuron[layer + 1]];
    const offset = layout.wordOffset[layer];
    const isSmall = count <= mostOfHalfWord;
    const drawn = this.#drawn;
    let made = 0;
    for (let done = 0; done < proposals; done += proposalsAtOnce) {
      const here = Math.min(proposalsAtOnce, proposals - done);
      random.fillWords(drawn.subarray(0, isSmall ? here : 2 * here));
      for (let each = 0; each < here; each++) {
        let [first, second] = [start, start];
        // Which two weights are proposed may be a little uneven: a swap and its reverse are proposed alike.
        if (isSmall) {
          const word = drawn[each];
          first += ((word & 0xffff) * count) >>> 16;
          second += ((word >>> 16) * count) >>> 16;
        } else {
          first += Math.floor((drawn[2 * each] / 4294967296) * count);
          second += Math.floor((drawn[2 * each + 1] / 4294967296) * count);
        }
        const [sourceA, sourceB] = [sources[first] - firstSource, sources[second] - firstSource];
        const [targetA, targetB] = [targets[first] - firstTarget, targets[second] - firstTarget];
        const [rowA, rowB] = [offset + targetA * rowWords, offset + targetB * rowWords];
        const [wordA, wordB] = [sourceA >>> 5, sourceB >>> 5];
        const [bitA, bitB] = [1 << (sourceA & 31), 1 << (sourceB & 31)];
        // Where both have one source or one target, the weights of the swap are these themselves.
        if (((words[rowB + wordA] & bitA) | (words[rowA + wordB] & bitB)) !== 0) continue;
        words[rowA + wordA] ^= bitA;
        words[rowB + wordB] ^= bitB;
        words[rowB + wordA] ^= bitA;
        words[rowA + wordB] ^= bitB;
        targets[first] = firstTarget + targetB;
        targets[second] = firstTarget + targetA;
        made++;
      }
    }
    this.swaps[layer] += made;
  }
}
