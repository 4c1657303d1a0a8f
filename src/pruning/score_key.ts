import { invariant } from "../base/errors.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The key of a score from 0: its f32 bits, which have the order of the values. The sign of -0 is dropped. */
export function scoreKey(score: number): number {
  float[0] = score;
  return bits[0] & 0x7fffffff;
}

/** Whether the upper half of a float64 is the second of its two words in memory. */
const upperWord = new Uint8Array(Uint16Array.of(1).buffer)[0];

/**
 * The upper halves of keys of 64 bits, which have the order of float64 scores of any sign: the bits of a number from 0 with
 * the sign bit set, the complement of the bits of a negative number. Both zeros have one key.
 * @param scores not NaN
 */
export function upperKeys(scores: Float64Array): Uint32Array {
  const words = new Uint32Array(scores.buffer, scores.byteOffset, scores.length * 2);
  const upper = new Uint32Array(scores.length);
  for (let at = 0; at < scores.length; at++) {
    const high = words[2 * at + upperWord];
    if ((high & 0x7fffffff) >= 0x7ff00000) invariant(!Number.isNaN(scores[at]), `score ${at} is not a number`);
    upper[at] = high < 0x80000000 || scores[at] === 0 ? high | 0x80000000 : ~high;
  }
  return upper;
}

/** The lower half of the key of one score. */
export function lowerKey(scores: Float64Array, at: number): number {
  const words = new Uint32Array(scores.buffer, scores.byteOffset + 8 * at, 2);
  const low = words[1 - upperWord];
  return scores[at] < 0 ? ~low >>> 0 : low;
}
