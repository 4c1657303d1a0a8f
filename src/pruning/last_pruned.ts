/** Keys of some weights; those of 64 bits have a lower half. */
interface Keys {
  readonly upper: Uint32Array;
  readonly lower?: Uint32Array;
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
  const { key: upper, rank } = keyOfRank(
    layers.map((layer) => layer.upper),
    count,
  );
  if (layers.every(({ lower }) => !lower)) return { upper, lower: 0, tiesPruned: rank };
  const { key: lower, rank: tiesPruned } = keyOfRank(
    layers.map((layer) => lowerHalves(layer, upper)),
    rank,
  );
  return { upper, lower, tiesPruned };
}

/** The lower halves of the keys with an upper half. */
function lowerHalves({ upper, lower }: Keys, of: number): Uint32Array {
  const halves = new Uint32Array(upper.length);
  let found = 0;
  for (let at = 0; at < upper.length; at++) {
    if (upper[at] === of) halves[found++] = lower ? lower[at] : 0;
  }
  return halves.subarray(0, found);
}

/** Bits of the digits of a radix select, the upper first: few counts, so that few weights are ranked fast. */
const digitBits = [11, 11, 10] as const;

/** The key of a rank, from 1, and the rank among the weights with that key. */
function keyOfRank(lists: readonly Uint32Array[], wanted: number): { key: number; rank: number } {
  let rank = wanted;
  let upper = 0;
  let bitsLeft = 32;
  for (const bits of digitBits) {
    const shift = bitsLeft - bits;
    const counts = new Uint32Array(2 ** bits);
    for (const keys of lists) countDigits(keys, bitsLeft, upper, shift, counts);
    let digit = 0;
    while (rank > counts[digit]) rank -= counts[digit++];
    upper = ((upper << bits) | digit) >>> 0;
    bitsLeft = shift;
  }
  return { key: upper, rank };
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
