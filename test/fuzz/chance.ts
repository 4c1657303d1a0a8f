/** Random choices from a seed: equal seeds give equal choices. */
export class Chance {
  #state: number;

  /** @param seeds unsigned 32-bit integers */
  constructor(...seeds: readonly number[]) {
    this.#state = 0x9e3779b9;
    for (const seed of seeds) {
      this.#state = (this.#state ^ seed) >>> 0;
      this.word();
    }
  }

  /** The next 32-bit word (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, in 32 bits). */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** An integer from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)];
  }

  /** Mostly a small integer, rarely a large one: 0 to 2^bits - 1. */
  size(bits: number): number {
    return this.below(2 ** this.below(bits + 1));
  }
}
