const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The key of a score from 0: its f32 bits, which have the order of the values. The sign of -0 is dropped. */
export function scoreKey(score: number): number {
  float[0] = score;
  return bits[0] & 0x7fffffff;
}
