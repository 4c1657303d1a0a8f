import { DeviceError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import type { LevelCheckpoint, LevelProgress, LevelSettings, LevelTraining } from "../engine.ts";

/** A level job for a worker: plain values that threads can exchange. */
export interface WorkerJob {
  /** Part of the key of the sample order. */
  readonly seed: number;
  readonly level: number;
  readonly settings: LevelSettings;
  readonly shape: Shape;
  /** Initial parameters of the level, in the layout of src/network/parameters.ts, not masked. */
  readonly start: Float32Array<ArrayBuffer>;
  /** Words of the mask's weights, in the layout of src/mask/mask.ts. */
  readonly maskWords: Uint32Array;
  /** Words of its biases; default: every bias is kept. */
  readonly biasMaskWords?: Uint32Array;
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
  /** First moments after the last step, if the settings ask for them; pruned and not computed parameters are 0. */
  readonly firstMoments?: Float32Array<ArrayBuffer>;
  /**
   * First and second moments, if training ended because a loss, parameter or moment became NaN or infinite; `values` are
   * those of the last epoch then.
   */
  readonly diverged?: readonly Float32Array<ArrayBuffer>[];
}

/** A thread has failed: it threw, exited, ran out of memory, could not start, or stopped without a sign. */
export class ThreadError extends DeviceError {
  /** @param hadOpened whether the thread was ready to train before */
  constructor(
    message: string,
    readonly hadOpened: boolean,
  ) {
    super(message);
  }
}

/** Trains levels one after another on a thread. */
export interface LevelWorker {
  /** Whether the thread has ended; a new worker must take its place. */
  readonly hasEnded: boolean;
  /**
   * @param begun called with the number of epochs done by the job's checkpoint; undefined if the level begins anew
   * @throws ThreadError when the thread fails before the level is done; DeviceError when the worker is closed before; an
   * error of `observe` or `begun`, which ends the thread
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
