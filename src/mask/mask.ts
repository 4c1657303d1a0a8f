import { invariant } from "../base/errors.ts";
import { formatShape, layerCount, type Shape, weightCount } from "../base/shape.ts";

/** Position of each layer's rows in the words of a mask: every row (one output neuron) starts on a new word. */
export interface MaskLayout {
  readonly shape: Shape;
  /** Words per row of layer l: ceil(inputs / 32). */
  readonly rowWords: readonly number[];
  /** First word of layer l. */
  readonly wordOffset: readonly number[];
  /** Words of the whole mask. */
  readonly words: number;
}

export function maskLayout(shape: Shape): MaskLayout {
  const rowWords: number[] = [];
  const wordOffset: number[] = [];
  let words = 0;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    rowWords.push(Math.ceil(shape[layer] / 32));
    wordOffset.push(words);
    words += rowWords[layer] * shape[layer + 1];
  }
  return { shape, rowWords, wordOffset, words };
}

/** Number of set bits of a 32-bit word. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Which weights of a network are kept: 1 kept, 0 pruned; one bit per weight, biases are not masked. Bit i % 32 of word
 * `wordOffset[l] + o * rowWords[l] + floor(i / 32)` is the weight from neuron i of layer l to neuron o of layer l + 1.
 * Bits past the end of a row are 0. The device holds the same words.
 */
export class Mask {
  readonly layout: MaskLayout;

  /** @param words used without a copy; bits past the end of a row must be 0 */
  constructor(
    readonly shape: Shape,
    readonly words: Uint32Array,
  ) {
    this.layout = maskLayout(shape);
    invariant(words.length === this.layout.words, `mask of ${words.length} words, shape needs ${this.layout.words}`);
  }

  /** The mask that keeps every weight. */
  static full(shape: Shape): Mask {
    const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
    const { rowWords, wordOffset } = mask.layout;
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const tail = shape[layer] % 32;
      for (let row = 0; row < shape[layer + 1]; row++) {
        const first = wordOffset[layer] + row * rowWords[layer];
        mask.words.fill(0xffffffff, first, first + rowWords[layer]);
        if (tail > 0) mask.words[first + rowWords[layer] - 1] = 2 ** tail - 1;
      }
    }
    return mask;
  }

  /** True when the weight from neuron `input` of layer `layer` to neuron `output` of layer `layer + 1` is kept. */
  has(layer: number, output: number, input: number): boolean {
    return ((this.words[this.#word(layer, output, input)] >>> (input & 31)) & 1) === 1;
  }

  /** Keeps (`true`) or prunes (`false`) one weight. */
  set(layer: number, output: number, input: number, kept: boolean): void {
    const word = this.#word(layer, output, input);
    const bit = 1 << (input & 31);
    this.words[word] = kept ? this.words[word] | bit : this.words[word] & ~bit;
  }

  /** Number of weights kept, in the whole network or in one layer. */
  count(layer?: number): number {
    const { wordOffset, words } = this.layout;
    const first = layer === undefined ? 0 : wordOffset[layer];
    const last = layer === undefined ? words : (wordOffset[layer + 1] ?? words);
    let count = 0;
    for (let word = first; word < last; word++) count += popcount(this.words[word]);
    return count;
  }

  /** Number of weights of the dense network. */
  get size(): number {
    return weightCount(this.shape);
  }

  /** True when every weight kept here is kept in `other` too. */
  isSubsetOf(other: Mask): boolean {
    invariant(formatShape(this.shape) === formatShape(other.shape), "masks of two shapes compared");
    return this.words.every((word, i) => (word & ~other.words[i]) === 0);
  }

  clone(): Mask {
    return new Mask(this.shape, this.words.slice());
  }

  #word(layer: number, output: number, input: number): number {
    return this.layout.wordOffset[layer] + output * this.layout.rowWords[layer] + (input >>> 5);
  }
}
