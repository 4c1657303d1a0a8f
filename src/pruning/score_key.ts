import { invariant } from "../base/errors.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The key of a score from 0: its f32 bits, which have the order of the values. The sign of -0 is dropped. */
export function scoreKey(score: number): number {
  float[0] = score;
  return bits[0] & 0x7fffffff;
}

/** Keys of 64 bits, in two halves. */
export interface WideKeys {
  readonly upper: Uint32Array;
  readonly lower: Uint32Array;
}

/** Whether the upper half of a float64 is the second of its two words in memory. */
const upperWord = new Uint8Array(Uint16Array.of(1).buffer)[0];

/**
 * Keys of float64 scores of any sign, in the order of the values: the bits of a number from 0 with the sign bit set, the
 * complement of the bits of a negative number. Both zeros have one key.
 * @param scores not NaN
 */
export function wideKeys(scores: Float64Array): WideKeys {
  const words = new Uint32Array(scores.buffer, scores.byteOffset, scores.length * 2);
  const upper = new Uint32Array(scores.length);
  const lower = new Uint32Array(scores.length);
  for (let at = 0; at < scores.length; at++) {
    const high = words[2 * at + upperWord];
    const low = words[2 * at + 1 - upperWord];
    if ((high & 0x7fffffff) >= 0x7ff00000) invariant(!Number.isNaN(scores[at]), `score ${at} is not a number`);
    const isNegative = high >>> 31 === 1 && scores[at] !== 0;
    upper[at] = isNegative ? ~high : high | 0x80000000;
    lower[at] = isNegative ? ~low : low;
  }
  return { upper, lower };
}
