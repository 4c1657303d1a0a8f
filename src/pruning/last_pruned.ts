import { lowerKey } from "./score_key.ts";

/** Keys of some weights. */
export interface Keys {
  /** Whole keys of 32 bits, or the upper halves of keys of 64. */
  readonly upper: Uint32Array;
  /** Of keys of 64 bits, the scores that they are of. */
  readonly scores?: Float64Array;
}

/** The largest key that a selection prunes, and how many of the weights with that key it prunes. */
export interface LastPruned {
  readonly upper: number;
  /** 0 where keys have no lower half. */
  readonly lower: number;
  readonly tiesPruned: number;
}

/**
 * The key of the weight of a given rank, by a radix select.
 * @param count weights to prune, from 1, at most as many as there are keys
 */
export function lastPruned(layers: readonly Keys[], count: number): LastPruned {
  const {
    key: upper,
    rank,
    found,
  } = keyOfRank(
    layers.map((layer) => layer.upper),
    count,
  );
  if (layers.every(({ scores }) => !scores)) return { upper, lower: 0, tiesPruned: rank };
  // All of them go: mostly a single one, so that no lower half is looked at.
  if (rank === found) return { upper, lower: 0xffffffff, tiesPruned: rank };
  const { key: lower, rank: tiesPruned } = keyOfRank(
    layers.map((layer) => lowerHalves(layer, upper)),
    rank,
  );
  return { upper, lower, tiesPruned };
}

/** The lower halves of the keys with an upper half. */
function lowerHalves({ upper, scores }: Keys, of: number): Uint32Array {
  const halves: number[] = [];
  for (let at = 0; at < upper.length; at++) {
    if (upper[at] === of) halves.push(scores ? lowerKey(scores, at) : 0);
  }
  return Uint32Array.from(halves);
}

/**
 * Bits of the digits of a radix select, the upper first: few counts where few weights are ranked, few passes where many
 * are.
 */
const digitBits = (keys: number) => (keys < 2 ** 17 ? [11, 11, 10] : [16, 16]);

/** The key of a rank, from 1, the rank among the weights with that key, and their number. */
function keyOfRank(lists: readonly Uint32Array[], wanted: number): { key: number; rank: number; found: number } {
  let rank = wanted;
  let found = 0;
  let upper = 0;
  let bitsLeft = 32;
  for (const bits of digitBits(lists.reduce((sum, keys) => sum + keys.length, 0))) {
    const shift = bitsLeft - bits;
    const counts = new Uint32Array(2 ** bits);
    for (const keys of lists) countDigits(keys, bitsLeft, upper, shift, counts);
    let digit = 0;
    while (rank > counts[digit]) rank -= counts[digit++];
    found = counts[digit];
    upper = ((upper << bits) | digit) >>> 0;
    bitsLeft = shift;
  }
  return { key: upper, rank, found };
}

/** Counts the digits at a position of the keys whose upper bits are `upper`. */
function countDigits(keys: Uint32Array, bitsLeft: number, upper: number, shift: number, counts: Uint32Array): void {
  const digits = counts.length - 1;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    // A shift by 32 bits is a shift by 0: at the first digit, no key is left out.
    if (bitsLeft === 32 || key >>> bitsLeft === upper) counts[(key >>> shift) & digits]++;
  }
}
