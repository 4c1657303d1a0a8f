import { invariant } from "../../base/errors.ts";

interface Range {
  readonly at: number;
  readonly end: number;
}

/** Gives out ranges of a buffer, in the buffer's elements: the first free one that is long enough. */
export class Heap {
  /** By position; neighbours never touch. */
  #free: Range[];
  readonly #taken = new Map<number, Range>();

  constructor(readonly size: number) {
    this.#free = size > 0 ? [{ at: 0, end: size }] : [];
  }

  /** The first element of a range, or undefined while none is long enough. A range without elements starts at 0. */
  take(count: number): number | undefined {
    if (count === 0) return 0;
    const index = this.#free.findIndex(({ at, end }) => end - at >= count);
    if (index < 0) return undefined;
    const { at, end } = this.#free[index];
    this.#free.splice(index, 1, ...(end - at > count ? [{ at: at + count, end }] : []));
    this.#taken.set(at, { at, end: at + count });
    return at;
  }

  /** Takes back a range of `count` elements. */
  leave(at: number, count: number): void {
    if (count === 0) return;
    const range = this.#taken.get(at);
    invariant(range && range.end - at === count, `no range of ${count} elements at ${at} is taken`);
    this.#taken.delete(at);
    this.#free = joined([...this.#free, range].sort((a, b) => a.at - b.at));
  }
}

/** Joins ranges that touch. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last?.end === range.at) result[result.length - 1] = { at: last.at, end: range.end };
    else result.push(range);
  }
  return result;
}
