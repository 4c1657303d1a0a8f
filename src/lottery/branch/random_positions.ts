import type { RandomStream } from "../../base/random.ts";

/**
 * Draws positions without repetition, all sets alike: the first steps of the shuffle of Fisher and Yates.
 * @param count number of positions wanted, at most `of`
 * @returns numbers from 0 to `of - 1`, in the order drawn
 */
export function randomPositions(random: RandomStream, count: number, of: number): Uint32Array {
  const order = Uint32Array.from({ length: of }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random.nextUniform() * (of - i));
    const drawn = order[j];
    order[j] = order[i];
    order[i] = drawn;
  }
  return order.subarray(0, count);
}
