/** The slots of an engine: whoever finds none free waits, first come first served. */
export class Seats {
  readonly #free: number[];
  readonly #waiting: ((slot: number) => void)[] = [];

  constructor(slots: number) {
    this.#free = Array.from({ length: slots }, (_, k) => slots - 1 - k);
  }

  async take(): Promise<number> {
    return this.#free.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
  }

  leave(slot: number): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }
}
