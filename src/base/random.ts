import { invariant } from "./errors.ts";

/**
 * Counter-based randomness: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). A block of four 32-bit words is a pure function of a key and a counter, so every stream can be read from
 * any position, on any machine, on the CPU and in a kernel.
 */

/**
 * Purposes of streams; streams of different purposes share no block. The numbers are part of the file format: never
 * reuse one.
 */
export const purposes = {
  initialWeights: 1,
  sampleOrder: 2,
  datasetPoints: 3,
  datasetPairing: 4,
  datasetSplit: 5,
  randomPruning: 6,
  bootstrap: 7,
  branchSeed: 16,
  branchMask: 17,
  functionInputs: 20,
  communities: 24,
  lanczosStart: 25,
  clusterStart: 26,
  shuffledEdges: 27,
  permutation: 28,
  shuffledNull: 32,
  rewiredNull: 33,
  randomMaskNull: 34,
  untrainedNull: 35,
} as const;
export type Purpose = keyof typeof purposes;

export type Words4 = [number, number, number, number];

/**
 * Writes one block of Philox4x32 with 10 rounds: four 32-bit words, from position `at` on. All arithmetic is on 32-bit integers, so that it
 * stays in registers; the high half of a product is put together from products of 16 bits.
 */
function philoxBlock(
  words: Uint32Array,
  at: number,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
): void {
  let c0 = counter0 | 0;
  let c1 = counter1 | 0;
  let c2 = counter2 | 0;
  let c3 = counter3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const low0 = c0 & 0xffff;
    const high0 = c0 >>> 16;
    const inner0 = (Math.imul(high0, 0x1f53) + (Math.imul(low0, 0x1f53) >>> 16)) | 0;
    const outer0 = (Math.imul(low0, 0xd251) + (inner0 & 0xffff)) | 0;
    const product0 = (Math.imul(high0, 0xd251) + (((inner0 >>> 16) + (outer0 >>> 16)) | 0)) | 0;
    const low2 = c2 & 0xffff;
    const high2 = c2 >>> 16;
    const inner2 = (Math.imul(high2, 0x8d57) + (Math.imul(low2, 0x8d57) >>> 16)) | 0;
    const outer2 = (Math.imul(low2, 0xcd9e) + (inner2 & 0xffff)) | 0;
    const product2 = (Math.imul(high2, 0xcd9e) + (((inner2 >>> 16) + (outer2 >>> 16)) | 0)) | 0;
    const next1 = Math.imul(c2, 0xcd9e8d57 | 0);
    const next3 = Math.imul(c0, 0xd2511f53 | 0);
    c0 = product2 ^ c1 ^ k0;
    c2 = product0 ^ c3 ^ k1;
    c1 = next1;
    c3 = next3;
    k0 = (k0 + (0x9e3779b9 | 0)) | 0;
    k1 = (k1 + (0xbb67ae85 | 0)) | 0;
  }
  words[at] = c0;
  words[at + 1] = c1;
  words[at + 2] = c2;
  words[at + 3] = c3;
}

/** One block of Philox4x32 with 10 rounds: four unsigned 32-bit words. */
export function philox4x32([c0, c1, c2, c3]: Readonly<Words4>, [k0, k1]: readonly [number, number]): Words4 {
  const words = new Uint32Array(4);
  philoxBlock(words, 0, c0, c1, c2, c3, k0, k1);
  return [words[0], words[1], words[2], words[3]];
}

/** The block `index` of the stream (seed, purpose, a, b): key = (seed, purpose), counter = (index, a, b, 0). */
export function streamBlock(seed: number, purpose: Purpose, index: number, a = 0, b = 0): Words4 {
  return philox4x32([index >>> 0, a >>> 0, b >>> 0, 0], [seed >>> 0, purposes[purpose]]);
}

/** Uniform in the open interval (0, 1), with 53 bits, from two words. */
function uniformOf(first: number, second: number): number {
  return ((first >>> 5) * 67108864 + (second >>> 6) + 0.5) / 9007199254740992;
}

/** Standard normal by Box and Muller (1958), float64, from two uniform numbers. */
function normalOf(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
}

/** Reads one stream word by word. */
export class RandomStream {
  readonly #block = new Uint32Array(4);
  #index = 0;
  #position = 4;

  /** @param a, b further coordinates of the stream, such as level and epoch or a task's number */
  constructor(
    readonly seed: number,
    readonly purpose: Purpose,
    readonly a = 0,
    readonly b = 0,
  ) {}

  /** The next unsigned 32-bit word. */
  nextWord(): number {
    if (this.#position === 4) {
      philoxBlock(this.#block, 0, this.#index++, this.a, this.b, 0, this.seed, purposes[this.purpose]);
      this.#position = 0;
    }
    return this.#block[this.#position++];
  }

  /** Fills an array with the next words. */
  fillWords(words: Uint32Array): void {
    let filled = 0;
    while (this.#position < 4 && filled < words.length) words[filled++] = this.#block[this.#position++];
    const [purpose, { seed, a, b }] = [purposes[this.purpose], this];
    let index = this.#index;
    for (; filled + 4 <= words.length; filled += 4) {
      philoxBlock(words, filled, index++, a, b, 0, seed, purpose);
    }
    this.#index = index;
    while (filled < words.length) words[filled++] = this.nextWord();
  }

  /**
   * A uniform integer from 0 to `count - 1`. Up to 2^21 without any bias (D. Lemire, "Fast random integer generation in an
   * interval", ACM TOMACS 29, 2019: a word, and rarely one more), above that from 53 bits.
   */
  nextBelow(count: number): number {
    if (count > 0x200000) return Math.floor(this.nextUniform() * count);
    for (;;) {
      // Exact: below 2^53.
      const product = this.nextWord() * count;
      const high = Math.floor(product / 4294967296);
      const low = product - high * 4294967296;
      if (low >= count || low >= 4294967296 % count) return high;
    }
  }

  /** Uniform in the open interval (0, 1), with 53 bits; uses two words. */
  nextUniform(): number {
    return uniformOf(this.nextWord(), this.nextWord());
  }

  /** Standard normal. Uses four words per value, so that value n always comes from the same words. */
  nextNormal(): number {
    return normalOf(this.nextUniform(), this.nextUniform());
  }

  /** Fills an array with products of `deviation` and the next normal numbers, each rounded once from float64 to f32. */
  fillNormal(values: Float32Array, deviation: number): void {
    let filled = 0;
    if (this.#position === 4) {
      // Each value is a block of its own.
      const [block, purpose] = [this.#block, purposes[this.purpose]];
      const { seed, a, b } = this;
      const first = this.#index;
      for (; filled < values.length; filled++) {
        philoxBlock(block, 0, first + filled, a, b, 0, seed, purpose);
        values[filled] = deviation * normalOf(uniformOf(block[0], block[1]), uniformOf(block[2], block[3]));
      }
      this.#index = first + filled;
    }
    for (; filled < values.length; filled++) values[filled] = deviation * this.nextNormal();
  }

  /** A uniformly random order of 0 .. count - 1 (Fisher and Yates, in Durstenfeld's form). */
  shuffled(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.nextUniform() * (i + 1));
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }
}

/** Rounds of the Feistel network; eight mix even halves of two bits well (test/base/random.test.ts measures it). */
const feistelRounds = 8;

/** Bits of one half of the Feistel network that permutes at least `count` values. */
export function feistelHalfBits(count: number): number {
  let halfBits = 1;
  while (4 ** halfBits < count) halfBits++;
  return halfBits;
}

/** The keys of one epoch's sample order: two Philox blocks, one word per Feistel round. */
export function orderKeys(seed: number, level: number, epoch: number): Uint32Array {
  const keys = new Uint32Array(feistelRounds);
  keys.set(streamBlock(seed, "sampleOrder", 0, level, epoch), 0);
  keys.set(streamBlock(seed, "sampleOrder", 1, level, epoch), 4);
  return keys;
}

/**
 * Sample index at position `position` of an epoch: a keyed permutation of 0 .. count - 1, computed without a table. A
 * balanced Feistel network over the next even number of bits, applied again while the value is outside the range (cycle
 * walking: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). `shaders/shared/order.wgsl` is the same
 * in WGSL.
 */
export function permutedIndex(position: number, count: number, halfBits: number, keys: Uint32Array): number {
  invariant(position < count, `position ${position} of an order of ${count}`);
  const halfMask = (1 << halfBits) - 1;
  let value = position;
  do {
    let left = value >>> halfBits;
    let right = value & halfMask;
    for (let round = 0; round < feistelRounds; round++) {
      let mixed = Math.imul(right ^ keys[round], 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
      mixed ^= mixed >>> 13;
      const next = (left ^ mixed) & halfMask;
      left = right;
      right = next;
    }
    value = ((left << halfBits) | right) >>> 0;
  } while (value >= count);
  return value;
}

/**
 * The order in which an epoch visits the training samples, so that a level can be repeated in other software.
 * @param seed the model seed, an unsigned 32-bit integer
 * @param level pruning level, from 0
 * @param epoch epoch within the level, from 0
 * @param count number of training samples, from 1
 * @returns sample indices in order of use; batch j of size B is entries j B .. j B + B - 1
 */
export function epochOrder(seed: number, level: number, epoch: number, count: number): Uint32Array {
  const keys = orderKeys(seed, level, epoch);
  const halfBits = feistelHalfBits(count);
  return Uint32Array.from({ length: count }, (_, position) => permutedIndex(position, count, halfBits, keys));
}
