interface Waiting {
  readonly remainingWork: number;
  readonly take: (slot: number) => void;
}

/**
 * The slots of an engine. A job waits if no slot is free. The waiting job with the longest remaining work is next;
 * ties: the first.
 */
export class Slots {
  readonly #free: number[];
  readonly #waiting: Waiting[] = [];

  constructor(slots: number) {
    this.#free = Array.from({ length: slots }, (_, k) => slots - 1 - k);
  }

  async take(remainingWork: number): Promise<number> {
    return this.#free.pop() ?? (await new Promise<number>((take) => this.#waiting.push({ remainingWork, take })));
  }

  leave(slot: number): void {
    const next = takeLongest(this.#waiting);
    if (next) next.take(slot);
    else this.#free.push(slot);
  }
}

/**
 * Removes and returns the entry with the longest remaining work (ties: the first) of those that may be taken; undefined
 * if there is none.
 */
export function takeLongest<Entry extends { readonly remainingWork: number }>(
  entries: Entry[],
  mayBeTaken: (entry: Entry) => boolean = () => true,
): Entry | undefined {
  const free = entries.filter(mayBeTaken);
  if (free.length === 0) return undefined;
  const longest = free.reduce((best, entry) => (entry.remainingWork > best.remainingWork ? entry : best));
  entries.splice(entries.indexOf(longest), 1);
  return longest;
}
