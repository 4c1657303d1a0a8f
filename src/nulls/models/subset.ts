import type { RandomStream } from "../../base/random.ts";

/**
 * Draws a set of positions without repetition, all sets alike (Floyd's algorithm: Bentley and Floyd, "Programming pearls: a sample of
 * brilliance", CACM 30, 1987), and the time that it takes grows with the count alone.
 */
export class SubsetDrawer {
  readonly #isDrawn: Uint32Array;

  /** @param most largest number of positions that are drawn from */
  constructor(most: number) {
    this.#isDrawn = new Uint32Array(Math.ceil(most / 32));
  }

  /**
   * Writes `count` of the numbers 0 to `of - 1`, in no particular order, from `at` on.
   * @param count at most `of`
   */
  draw(random: RandomStream, count: number, of: number, positions: Uint32Array, at: number): void {
    const isDrawn = this.#isDrawn;
    let next = at;
    for (let last = of - count; last < of; last++) {
      let position = random.nextBelow(last + 1);
      if ((isDrawn[position >>> 5] >>> (position & 31)) & 1) position = last;
      isDrawn[position >>> 5] |= 1 << (position & 31);
      positions[next++] = position;
    }
    for (let each = at; each < next; each++) isDrawn[positions[each] >>> 5] = 0;
  }
}
