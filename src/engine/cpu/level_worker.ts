import type { Shape } from "../../base/shape.ts";
import type { LevelCheckpoint, LevelProgress, LevelSettings, LevelTraining } from "../engine.ts";

/** A level job for a worker: plain values that threads can exchange. */
export interface WorkerJob {
  readonly seed: number;
  readonly level: number;
  readonly settings: LevelSettings;
  readonly shape: Shape;
  /** Initial parameters of the level, in the layout of src/network/parameters.ts, not masked. */
  readonly start: Float32Array<ArrayBuffer>;
  /** Words of the mask, in the layout of src/mask/mask.ts. */
  readonly maskWords: Uint32Array;
  /** A checkpoint that may be used; see `LevelJob`. */
  readonly resume?: LevelCheckpoint | undefined;
}

/** A level in training, at its current step. */
export interface WorkerNow {
  /** After the last finished epoch; undefined before the first. */
  readonly progress: LevelProgress | undefined;
  /** The current parameters. */
  values(): Float32Array<ArrayBuffer>;
  checkpoint(): LevelCheckpoint;
}

/** The result of a level. */
export interface WorkerResult {
  readonly training: LevelTraining;
  /** Parameters of the kept epoch; pruned weights are 0. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Trains levels one after another on a thread. */
export interface LevelWorker {
  /**
   * @param begun called with the number of epochs done by the job's checkpoint; undefined if the level begins anew
   * @throws DeviceError when the thread ends or the worker is closed before the level is done
   */
  train(
    job: WorkerJob,
    observe?: (progress: LevelProgress) => void,
    begun?: (resumedEpochs: number | undefined) => void,
  ): Promise<WorkerResult>;
  /**
   * The current parameters of the level in training, or its result if the level ends first.
   * @throws DeviceError as {@link train}
   */
  values(): Promise<Float32Array<ArrayBuffer>>;
  /**
   * The current state of the level in training; undefined if the level ends first.
   * @throws DeviceError as {@link train}
   */
  checkpoint(): Promise<LevelCheckpoint | undefined>;
  /** Terminates the thread and the level in training. */
  close(): void;
}
