/** Stores a checkpoint; returns the time in ms that this took of the training, or 0 if there is nothing to store. */
type Turn = () => Promise<number>;

/**
 * The order in which the levels of a population store checkpoints: one after the other, with a pause after each, so that
 * storing takes at most a share of the time however many levels and however short the interval. Levels that train longer
 * than their turn takes to come are stored less often then.
 */
export class CheckpointTurns {
  readonly #waiting: Turn[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTaken = false;
  #freeAt = Number.NEGATIVE_INFINITY;
  /** Number of checkpoints that were stored. */
  stored = 0;

  /**
   * @param everyMs shortest time between two checkpoints of a level
   * @param mostShare largest share of the time for storing
   */
  constructor(
    readonly everyMs: number,
    readonly mostShare = 0.01,
  ) {}

  /** Queues a turn, which must not fail. Returns a function that takes it out of the queue. */
  queue(turn: Turn): () => void {
    this.#waiting.push(turn);
    this.#next();
    return () => {
      const at = this.#waiting.indexOf(turn);
      if (at >= 0) this.#waiting.splice(at, 1);
      // A timer would keep a process alive that has nothing left to do.
      if (this.#waiting.length === 0) clearTimeout(this.#timer);
    };
  }

  #next(): void {
    clearTimeout(this.#timer);
    if (this.#isTaken || this.#waiting.length === 0) return;
    const pauseMs = this.#freeAt - performance.now();
    if (pauseMs > 0) {
      this.#timer = setTimeout(() => this.#next(), pauseMs);
      return;
    }
    const turn = this.#waiting.shift() as Turn;
    this.#isTaken = true;
    void turn().then((tookMs) => {
      this.#isTaken = false;
      this.#freeAt = performance.now() + tookMs * (1 / this.mostShare - 1);
      this.#next();
    });
  }
}
