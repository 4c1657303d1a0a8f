import type { Shape } from "../../base/shape.ts";
import type { LevelProgress, LevelSettings, LevelTraining } from "../engine.ts";

/** A level job as a worker is handed it: plain values, which threads can exchange. */
export interface WorkerJob {
  readonly seed: number;
  readonly level: number;
  readonly settings: LevelSettings;
  readonly shape: Shape;
  /** Parameters that training starts from, in the layout of src/network/parameters.ts, not masked. */
  readonly start: Float32Array<ArrayBuffer>;
  /** Words of the mask, in the layout of src/mask/mask.ts. */
  readonly maskWords: Uint32Array;
}

/** What became of a level. */
export interface WorkerResult {
  readonly training: LevelTraining;
  /** Parameters as trained, or as they were at the best epoch where that is kept; pruned weights 0. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What trains levels, one after the other: the trainer itself, or the thread that it runs on. */
export interface LevelWorker {
  /** @throws DeviceError when the thread ends or the worker is closed before the level is done */
  train(job: WorkerJob, observe?: (progress: LevelProgress) => void): Promise<WorkerResult>;
  /**
   * Parameters as they are at some step of the level in training, or at its end where that comes first.
   * @throws DeviceError as {@link train}
   */
  values(): Promise<Float32Array<ArrayBuffer>>;
  /** Ends the thread at once, and the level with it. */
  close(): void;
}
