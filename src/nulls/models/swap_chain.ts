import type { RandomStream } from "../../base/random.ts";
import { layerCount } from "../../base/shape.ts";
import { Mask } from "../../mask/mask.ts";
import { WeightLists } from "../weight_lists.ts";

/** The most weights of a layer of which one random word chooses two. */
const mostOfHalfWord = 65536;
/** Proposals whose random words are drawn at once. */
const proposalsAtOnce = 256;

/**
 * Double edge swaps within each layer: of two weights a to b and c to d, a to d and c to b take the place, unless one of these is
 * there already. Every neuron keeps its number of weights in and out (Maslov and Sneppen 2002). A proposal that cannot be made
 * counts as a step that changes nothing, without which some masks would come up more often than others.
 */
export class SwapChain {
  readonly lists: WeightLists;
  /** Swaps made since the start, by layer. */
  readonly swaps: Uint32Array;
  readonly #origin: WeightLists;
  readonly #originWords: Uint32Array;
  readonly #mask: Mask;
  readonly #drawn = new Uint32Array(2 * proposalsAtOnce);

  constructor(readonly start: Mask) {
    this.#origin = WeightLists.of(start);
    this.lists = WeightLists.of(start);
    this.#originWords = start.words.slice();
    this.#mask = new Mask(start.shape, start.words.slice());
    this.swaps = new Uint32Array(layerCount(start.shape));
  }

  /** The words of the mask as it is. */
  get words(): Uint32Array {
    return this.#mask.words;
  }

  /** Goes back to the start. */
  reset(): void {
    this.lists.sources.set(this.#origin.sources);
    this.lists.targets.set(this.#origin.targets);
    this.#mask.words.set(this.#originWords);
    this.swaps.fill(0);
  }

  /** @param proposals number of swaps proposed in each layer */
  run(random: RandomStream, proposals: readonly number[]): void {
    for (let layer = 0; layer < proposals.length; layer++) {
      if (proposals[layer] > 0) this.#runLayer(random, layer, proposals[layer]);
    }
  }

  #runLayer(random: RandomStream, layer: number, proposals: number): void {
    const { starts, sources, targets, firstNeuron } = this.lists;
    const { words, layout } = this.#mask;
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
