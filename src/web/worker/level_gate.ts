/** Makes runs wait before a level while the experiment is paused. */
export class LevelGate {
  #isOpen: boolean;
  readonly #waiting: (() => void)[] = [];

  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** Fulfilled once a level may start. */
  pass(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets all levels start from now on. */
  open(): void {
    this.#isOpen = true;
    this.step();
  }

  /** Lets no further level start; levels in training continue to their end. */
  close(): void {
    this.#isOpen = false;
  }

  /** Lets the levels start that are waiting now. */
  step(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
