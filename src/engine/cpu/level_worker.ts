import type { Shape } from "../../base/shape.ts";
import type { LevelProgress, LevelSettings, LevelTraining } from "../engine.ts";

/** A level as a worker is handed it: plain values, which threads can exchange. */
export interface LevelJob {
  readonly seed: number;
  readonly level: number;
  readonly settings: Omit<LevelSettings, "ahead"> & { readonly batch: number };
  readonly shape: Shape;
  /** Initial parameters in the layout of src/network/parameters.ts. */
  readonly initial: Float32Array<ArrayBuffer>;
  /** Words of the mask, in the layout of src/mask/mask.ts. */
  readonly maskWords: Uint32Array;
}

/** What became of a level. */
export interface LevelResult {
  readonly training: LevelTraining;
  /** Parameters as trained, or as they were at the best epoch where that is kept; pruned weights 0. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What trains levels, one after the other: the trainer itself, or the thread that it runs on. */
export interface LevelWorker {
  /** @throws DeviceError when the thread ends or the worker is closed before the level is done */
  train(job: LevelJob, observe?: (progress: LevelProgress) => void): Promise<LevelResult>;
  /**
   * Parameters as they are at some step of the level in training, or at its end where that comes first.
   * @throws DeviceError as {@link train}
   */
  values(): Promise<Float32Array<ArrayBuffer>>;
  /** Ends the thread at once, and the level with it. */
  close(): void;
}
