import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Selection } from "../pruning/selection.ts";

/** Training settings of a level; they may differ between levels. */
export interface LevelSettings {
  /** Name of an optimiser of src/network/optimizers. */
  readonly optimizer: string;
  /** Learning rate, above 0. */
  readonly lr: number;
  /**
   * Decoupled weight decay, from 0: a step at learning rate r multiplies every parameter by 1 - r * weightDecay.
   * Default 0.
   */
  readonly weightDecay?: number | undefined;
  /** Learning-rate schedule in the syntax of `parseSchedule`; default constant. */
  readonly schedule?: string | undefined;
  /** Mini-batch size in samples; one of the sizes that the engine was planned for. */
  readonly batch: number;
  /** Maximum number of epochs, from 1. */
  readonly maxEpochs: number;
  /** Epochs without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Whether the level's result is its last epoch or its best. */
  readonly keep: "last" | "best";
  /** Whether the result has the losses and score sums of every epoch; default false. */
  readonly keepCurves?: boolean | undefined;
}

/** Everything that determines a level's result, apart from the engine's dataset. Engines do not modify it. */
export interface LevelJob {
  /** Name of the network in error messages: `seed 3`. */
  readonly label: string;
  /** Model seed, an unsigned 32-bit integer; part of the key of the sample order. */
  readonly seed: number;
  /** Pruning level, from 0; part of the key of the sample order. */
  readonly level: number;
  readonly settings: LevelSettings;
  /** Initial parameters of the level; pruned weights count as 0. The engine was planned for their shape. */
  readonly start: Parameters;
  readonly mask: Mask;
  /**
   * Estimated remaining work of the job's run, this level included, in a unit that all jobs of the engine share.
   * Waiting jobs start in the order of longest remaining work first, so that the last runs end together. Does not
   * change results. Default 0.
   */
  readonly remainingWork?: number;
}

/** The kernels that train a level: the dense, sparse or resident kernels of an adapter, or the kernels of the CPU. */
export type Kernels = "dense" | "sparse" | "resident" | "cpu";

/** The training record of a level; losses and scores are those of the kept epoch. */
export interface LevelTraining {
  readonly kernels: Kernels;
  /** Number of epochs trained. */
  readonly epochs: number;
  /** Number of optimiser steps. */
  readonly steps: number;
  /** Number of the kept epoch, from 1. */
  readonly keptEpoch: number;
  /** Mean training loss over samples and tasks, each batch evaluated before its own step; in nats for cross-entropy. */
  readonly trainLoss: number;
  /** Validation loss after the epoch, mean over samples and tasks; in nats for cross-entropy. */
  readonly valLoss: number;
  /**
   * For each task, its score sums over the validation samples: the number of right answers of each class (0 and 1 of a
   * binary task), or the sum of squared errors.
   */
  readonly scoreSums: readonly (readonly number[])[];
  /** The values of every epoch, if the settings ask for them. */
  readonly curves?: LevelCurves;
}

/** What a level came to in each epoch: [epochs], index 0 is epoch 1; units as in {@link LevelTraining}. */
export interface LevelCurves {
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  readonly scoreSums: readonly LevelTraining["scoreSums"][];
}

/** Progress of a level in training. */
export interface LevelProgress {
  /** Number of epochs done, from 1. */
  readonly epochs: number;
  readonly trainLoss: number;
  readonly valLoss: number;
}

/** Observes the training of one level. Does not change results. Must not throw. */
export interface LevelObserver {
  /**
   * Called when the level begins.
   * @param weights reads the parameters at the current step of the level; may reject after the level has ended
   */
  begun?(weights: () => Promise<Parameters>): void;
  /** Called at intervals, not after every epoch. */
  progress?(progress: LevelProgress): void;
  /**
   * Called when the machine has failed during the level, which is trained again.
   * @param cause one line: `CPU thread 2 failed: ..`
   */
  restarted?(cause: string): void;
}

/** A trained level. The engine keeps its parameters until `release` is called. */
export interface TrainedLevel {
  readonly training: LevelTraining;
  /**
   * The trained parameters; pruned weights are exactly 0.
   * @throws DeviceError when the device fails
   */
  weights(): Promise<Parameters>;
  /**
   * Selects the mask of the next level from the trained weights, on the device if they are stored there.
   * @returns a subset of the level's mask with exactly the requested number of weights
   */
  select(selection: Selection): Promise<Mask>;
  /** Frees the parameters; `weights` and `select` must not be called afterwards. */
  release(): void;
}

/**
 * Trains levels on one dataset. Each result is a function of its job alone: levels train concurrently and do not affect
 * each other's results.
 */
export interface Engine {
  /**
   * `adapter` chooses among an adapter's kernels for each level; `cpu` needs no adapter; the other names fix the
   * kernels.
   */
  readonly name: "adapter" | "dense" | "sparse" | "tiled" | "resident" | "cpu";
  /** What does the arithmetic: `SwiftShader driver 5.0.0`, `WebAssembly SIMD`. */
  readonly executor: string;
  /** Number of levels held at the same time, from 1; further levels wait. */
  readonly slots: number;
  /** Bytes that the engine holds on the device (for the CPU, in main memory), the dataset included. */
  readonly memoryBytes: number;
  /**
   * Trains one level until early stopping or `maxEpochs` ends it. The caller must release the result.
   * @throws RunError when the loss becomes NaN or infinite, or threads of the CPU fail twice; DeviceError when the
   * device fails
   */
  train(job: LevelJob, observer?: LevelObserver): Promise<TrainedLevel>;
  /** Frees the engine's resources; levels in training or waiting are lost. */
  close(): void;
}
