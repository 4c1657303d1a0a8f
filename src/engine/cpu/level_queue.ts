import type { LevelProgress } from "../engine.ts";
import type { LevelJob, LevelResult, LevelWorker } from "./level_worker.ts";

/** A level that waits for a worker. */
interface Waiting {
  readonly ahead: number;
  readonly begin: (worker: LevelWorker) => void;
}

/**
 * Hands levels to whichever worker is free. With more networks than workers none idles while a network's level is analysed and
 * written. Of the levels that wait, the one of the network that has most ahead goes first, and of equals the one that came first.
 */
export class LevelQueue {
  readonly #free: LevelWorker[];
  readonly #waiting: Waiting[] = [];
  /** Who trains each level that has begun. */
  readonly #training = new Map<LevelJob, LevelWorker>();

  /** Owns the workers. */
  constructor(readonly workers: readonly LevelWorker[]) {
    this.#free = [...workers].reverse();
  }

  /**
   * Trains a level once a worker is free.
   * @param ahead how much its network has ahead, in any unit
   * @throws DeviceError when its thread ends or is closed
   */
  async train(ahead: number, job: LevelJob, observe?: (progress: LevelProgress) => void): Promise<LevelResult> {
    const worker =
      this.#free.pop() ?? (await new Promise<LevelWorker>((begin) => this.#waiting.push({ ahead, begin })));
    this.#training.set(job, worker);
    try {
      return await worker.train(job, observe);
    } finally {
      this.#training.delete(job);
      this.#leave(worker);
    }
  }

  /**
   * Parameters of a level as they are at some step of it; undefined while it waits for a worker.
   * @throws DeviceError as {@link train}
   */
  values(job: LevelJob): Promise<Float32Array<ArrayBuffer>> | undefined {
    return this.#training.get(job)?.values();
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }

  #leave(worker: LevelWorker): void {
    if (this.#waiting.length === 0) {
      this.#free.push(worker);
      return;
    }
    const first = this.#waiting.reduce((best, one) => (one.ahead > best.ahead ? one : best));
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    first.begin(worker);
  }
}
