/** Makes runs wait before a level while the experiment is paused. */
export class LevelGate {
  #isOpen: boolean;
  /** Whether a step was asked for while no level waited. */
  #isStepDue = false;
  readonly #waiting: (() => void)[] = [];

  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** Fulfilled once a level may start. */
  pass(): Promise<void> {
    if (this.#isOpen || this.#isStepDue) {
      this.#isStepDue = false;
      return Promise.resolve();
    }
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
    this.#isStepDue = false;
  }

  /** Lets the levels start that are waiting now; if none is, the next one. */
  step(): void {
    this.#isStepDue = this.#waiting.length === 0;
    for (const go of this.#waiting.splice(0)) go();
  }
}
