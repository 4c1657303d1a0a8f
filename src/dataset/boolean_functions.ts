import type { RandomStream } from "../base/random.ts";

/** A Boolean function of n bits: 2^n entries of 0 or 1, by the number that the bits make. */
export type TruthTable = Uint8Array;

/** Whether a function can be changed by each of its bits. */
export function dependsOnAll(table: TruthTable): boolean {
  const bits = Math.log2(table.length);
  return Array.from({ length: bits }, (_, bit) =>
    table.some((value, input) => value !== table[input ^ (1 << bit)]),
  ).every(Boolean);
}

/** Draws a function of some bits, evenly from those that are 1 for half of their inputs and depend on every bit. */
export function subFunction(bits: number, chance: RandomStream): TruthTable {
  for (;;) {
    const order = chance.shuffled(2 ** bits);
    const table = Uint8Array.from(order, (place) => (place < order.length / 2 ? 0 : 1));
    if (dependsOnAll(table)) return table;
  }
}

/** Draws a function of two bits, evenly from the ten that depend on both: and, or, exclusive or, with negations. */
export function combination(chance: RandomStream): TruthTable {
  for (;;) {
    const number = chance.nextWord() & 15;
    const table = Uint8Array.from({ length: 4 }, (_, input) => (number >> input) & 1);
    if (dependsOnAll(table)) return table;
  }
}
