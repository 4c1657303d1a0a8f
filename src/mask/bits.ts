import { type Columns, columnList, isRange } from "../base/columns.ts";
import { invariant } from "../base/errors.ts";
import { popcount } from "./mask.ts";

/*
 * Sets of neurons of one layer, packed like a mask's rows: neuron i is bit i % 32 of word floor(i / 32), bits past the
 * layer's width are 0. So a mask row can be intersected with a set of sources word by word.
 */

/** The empty set, within a layer of `width` neurons. */
export function emptyBits(width: number): Uint32Array {
  return new Uint32Array(Math.ceil(width / 32));
}

/** The set {start, .., start + count - 1} within a layer of `width` neurons. */
export function rangeBits(width: number, start: number, count: number): Uint32Array {
  invariant(start >= 0 && count >= 0 && start + count <= width, `bits ${start} + ${count} of a layer of ${width}`);
  const bits = emptyBits(width);
  for (let index = start; index < start + count; index++) setBit(bits, index);
  return bits;
}

/** The neurons of some columns, within a layer of `width` neurons. */
export function columnBits(width: number, columns: Columns): Uint32Array {
  if (isRange(columns)) return rangeBits(width, columns.start, columns.count);
  const bits = emptyBits(width);
  for (const index of columnList(columns)) {
    invariant(index >= 0 && index < width, `bit ${index} of a layer of ${width}`);
    setBit(bits, index);
  }
  return bits;
}

/** True when neuron `index` is in the set. */
export function hasBit(bits: Uint32Array, index: number): boolean {
  return ((bits[index >>> 5] >>> (index & 31)) & 1) === 1;
}

/** Adds neuron `index` to the set. */
export function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] |= 1 << (index & 31);
}

/** Position of the lowest set bit of a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Number of neurons in the set. */
export function countBits(bits: Uint32Array): number {
  let count = 0;
  for (const word of bits) count += popcount(word);
  return count;
}

/** The neurons that are in both sets, which must belong to one layer. */
export function intersectBits(first: Uint32Array, second: Uint32Array): Uint32Array {
  invariant(first.length === second.length, "sets of two layers intersected");
  return first.map((word, i) => word & second[i]);
}

/** Indices of the neurons in the set, ascending. */
export function bitIndices(bits: Uint32Array): number[] {
  const indices: number[] = [];
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1) indices.push(word * 32 + lowestBit(rest));
  }
  return indices;
}
