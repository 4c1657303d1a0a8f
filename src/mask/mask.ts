import { invariant } from "../base/errors.ts";
import { biasCount, formatShape, layerCount, type Shape, weightCount } from "../base/shape.ts";

/** Position of each layer's rows in the words of a mask: every row (one output neuron) starts on a new word. */
export interface MaskLayout {
  readonly shape: Shape;
  /** Words per row of layer l: ceil(inputs / 32). */
  readonly rowWords: readonly number[];
  /** First word of layer l. */
  readonly wordOffset: readonly number[];
  /** Words of the weights of the whole mask. */
  readonly words: number;
  /** First word of the biases of layer l, among those of all biases. */
  readonly biasWordOffset: readonly number[];
  /** Words of the biases of the whole mask: ceil(outputs / 32) for each layer. */
  readonly biasWords: number;
}

export function maskLayout(shape: Shape): MaskLayout {
  const rowWords: number[] = [];
  const wordOffset: number[] = [];
  const biasWordOffset: number[] = [];
  let [words, biasWords] = [0, 0];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    rowWords.push(Math.ceil(shape[layer] / 32));
    wordOffset.push(words);
    words += rowWords[layer] * shape[layer + 1];
    biasWordOffset.push(biasWords);
    biasWords += Math.ceil(shape[layer + 1] / 32);
  }
  return { shape, rowWords, wordOffset, words, biasWordOffset, biasWords };
}

/** The bias words of a layer of a mask: the set of its neurons whose bias is kept, as in `bits.ts`. A view. */
export function biasBits({ shape, layout, biasWords }: Mask, layer: number): Uint32Array {
  const first = layout.biasWordOffset[layer];
  return biasWords.subarray(first, first + Math.ceil(shape[layer + 1] / 32));
}

/** The bias words of a mask that keeps every bias. */
function allBiases({ shape, biasWordOffset, biasWords }: MaskLayout): Uint32Array {
  const words = new Uint32Array(biasWords).fill(0xffffffff);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const outputs = shape[layer + 1];
    if (outputs % 32 > 0) words[biasWordOffset[layer] + (outputs >>> 5)] = 2 ** (outputs % 32) - 1;
  }
  return words;
}

/** Number of set bits of a 32-bit word. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Which parameters of a network are kept: 1 kept, 0 pruned; one bit per weight and per bias. Bit i % 32 of word
 * `wordOffset[l] + o * rowWords[l] + floor(i / 32)` is the weight from neuron i of layer l to neuron o of layer l + 1; bit
 * o % 32 of bias word `biasWordOffset[l] + floor(o / 32)` is the bias of that neuron o. Bits past the end of a row, or of
 * the biases of a layer, are 0. The device holds the same words, those of the biases last.
 */
export class Mask {
  readonly layout: MaskLayout;
  readonly biasWords: Uint32Array;

  /**
   * @param words of the weights, used without a copy; bits past the end of a row must be 0
   * @param biasWords used without a copy; default: every bias is kept
   */
  constructor(
    readonly shape: Shape,
    readonly words: Uint32Array,
    biasWords?: Uint32Array,
  ) {
    this.layout = maskLayout(shape);
    this.biasWords = biasWords ?? allBiases(this.layout);
    const { words: needed, biasWords: neededForBiases } = this.layout;
    invariant(words.length === needed, `mask of ${words.length} words, shape needs ${needed}`);
    const given = this.biasWords.length;
    invariant(given === neededForBiases, `mask of ${given} words of biases, shape needs ${neededForBiases}`);
  }

  /** The mask that keeps every weight and bias. */
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

  /** True when the bias of neuron `output` of layer `layer + 1` is kept. */
  hasBias(layer: number, output: number): boolean {
    return ((this.biasWords[this.layout.biasWordOffset[layer] + (output >>> 5)] >>> (output & 31)) & 1) === 1;
  }

  /** Keeps (`true`) or prunes (`false`) one bias. */
  setBias(layer: number, output: number, kept: boolean): void {
    const word = this.layout.biasWordOffset[layer] + (output >>> 5);
    const bit = 1 << (output & 31);
    this.biasWords[word] = kept ? this.biasWords[word] | bit : this.biasWords[word] & ~bit;
  }

  /** Number of biases kept, in the whole network or in one layer. */
  biasCount(layer?: number): number {
    const { biasWordOffset, biasWords } = this.layout;
    const first = layer === undefined ? 0 : biasWordOffset[layer];
    const last = layer === undefined ? biasWords : (biasWordOffset[layer + 1] ?? biasWords);
    let count = 0;
    for (let word = first; word < last; word++) count += popcount(this.biasWords[word]);
    return count;
  }

  /** Whether some bias is pruned. */
  get prunesBiases(): boolean {
    return this.biasCount() < biasCount(this.shape);
  }

  /** The words of the weights, then those of the biases: the mask as a device holds it. */
  allWords(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.words.length + this.biasWords.length);
    all.set(this.words);
    all.set(this.biasWords, this.words.length);
    return all;
  }

  /** True when every weight and bias kept here is kept in `other` too. */
  isSubsetOf(other: Mask): boolean {
    invariant(formatShape(this.shape) === formatShape(other.shape), "masks of two shapes compared");
    return (
      this.words.every((word, i) => (word & ~other.words[i]) === 0) &&
      this.biasWords.every((word, i) => (word & ~other.biasWords[i]) === 0)
    );
  }

  /** True when both masks keep the same weights and biases. */
  equals(other: Mask): boolean {
    return this.isSubsetOf(other) && other.isSubsetOf(this);
  }

  /** The weights and biases that this mask keeps and another does not, as a mask. */
  without(other: Mask): Mask {
    invariant(formatShape(this.shape) === formatShape(other.shape), "masks of two shapes compared");
    return new Mask(
      this.shape,
      this.words.map((word, i) => word & ~other.words[i]),
      this.biasWords.map((word, i) => word & ~other.biasWords[i]),
    );
  }

  clone(): Mask {
    return new Mask(this.shape, this.words.slice(), this.biasWords.slice());
  }

  #word(layer: number, output: number, input: number): number {
    return this.layout.wordOffset[layer] + output * this.layout.rowWords[layer] + (input >>> 5);
  }
}
