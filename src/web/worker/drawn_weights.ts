import { DeviceError } from "../../base/errors.ts";
import type { WeightsOffer } from "../../lottery/messages.ts";
import type { Parameters } from "../../network/parameters.ts";

/** Most bytes of trained weights that are kept, over all levels. */
const mostKeptBytes = 256 * 2 ** 20;

/** A level in training. */
interface TrainingLevel {
  readonly level: number;
  readonly weights: () => Promise<Parameters>;
}

/** The weights of runs that can be drawn: the current ones of levels in training, and trained ones. Runs are named by their folders. */
export class DrawnWeights {
  /** By run and level. */
  readonly #trained = new Map<string, Parameters>();
  #trainedBytes = 0;
  /** By run. */
  readonly #training = new Map<string, TrainingLevel>();

  /** Records the level in training, and keeps the weights of a trained one. */
  hear(path: string, { kind, level, weights }: WeightsOffer): void {
    if (kind === "training") {
      this.#training.set(path, { level, weights });
      return;
    }
    this.#training.delete(path);
    // The run itself reports a device failure.
    weights().then(
      (trained) => this.#keep(path, level, trained),
      () => {},
    );
  }

  /** The run trains no level any more. */
  hasEnded(path: string): void {
    this.#training.delete(path);
  }

  /** No run trains a level any more. */
  allHaveEnded(): void {
    this.#training.clear();
  }

  /** The current weights of a level; undefined if it is not in training, or ends before they are read. */
  async now(path: string, level: number): Promise<Parameters | undefined> {
    const now = this.#training.get(path);
    if (now?.level !== level) return undefined;
    try {
      return await now.weights();
    } catch (error) {
      // The run itself reports what stopped it.
      if (error instanceof DeviceError || this.#training.get(path) !== now) return undefined;
      throw error;
    }
  }

  /** The trained weights of a level; undefined if they are not kept. */
  trained(path: string, level: number): Parameters | undefined {
    return this.#trained.get(`${path} ${level}`);
  }

  /** Forgets all trained weights. */
  clear(): void {
    this.#trained.clear();
    this.#trainedBytes = 0;
  }

  #keep(path: string, level: number, trained: Parameters): void {
    if (this.#trainedBytes + trained.values.byteLength > mostKeptBytes) return;
    this.#trainedBytes += trained.values.byteLength;
    this.#trained.set(`${path} ${level}`, trained);
  }
}
