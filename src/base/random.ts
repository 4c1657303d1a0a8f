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
} as const;
export type Purpose = keyof typeof purposes;

export type Words4 = [number, number, number, number];

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0;
}

/** One block of Philox4x32 with 10 rounds: four unsigned 32-bit words. */
export function philox4x32(counter: Readonly<Words4>, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The block `index` of the stream (seed, purpose, a, b): key = (seed, purpose), counter = (index, a, b, 0). */
export function streamBlock(seed: number, purpose: Purpose, index: number, a = 0, b = 0): Words4 {
  return philox4x32([index >>> 0, a >>> 0, b >>> 0, 0], [seed >>> 0, purposes[purpose]]);
}

/** Reads one stream word by word. */
export class RandomStream {
  #block: Words4 = [0, 0, 0, 0];
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
      this.#block = streamBlock(this.seed, this.purpose, this.#index++, this.a, this.b);
      this.#position = 0;
    }
    return this.#block[this.#position++];
  }

  /** Uniform in the open interval (0, 1), with 53 bits. */
  nextUniform(): number {
    const high = this.nextWord() >>> 5;
    const low = this.nextWord() >>> 6;
    return (high * 67108864 + low + 0.5) / 9007199254740992;
  }

  /**
   * Standard normal by Box and Muller (1958), float64. Uses four words per value, so that value n always comes from the
   * same words.
   */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(this.nextUniform()));
    return radius * Math.cos(2 * Math.PI * this.nextUniform());
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
