import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Selection } from "../pruning/selection.ts";

/** Training settings of a level; they may differ between levels. */
export interface LevelSettings {
  /** Name of an optimiser of src/network/optimizers. */
  readonly optimizer: string;
  /** Learning rate, from 0: at 0 no parameter changes. */
  readonly lr: number;
  /** Factor of SGD's first moment at every step, from 0 to 1; not used by Adam. Default 0.9. */
  readonly momentum?: number | undefined;
  /**
   * Decoupled weight decay, from 0: a step at learning rate r multiplies every parameter by 1 - r * weightDecay.
   * Default 0.
   */
  readonly weightDecay?: number | undefined;
  /**
   * L1 penalty, from 0, by a proximal step: after a step at learning rate r, every parameter moves by r * l1 towards 0, and
   * becomes 0 where that passes it (soft threshold; Parikh and Boyd 2014, section 6.5.2). Default 0.
   */
  readonly l1?: number | undefined;
  /** Learning-rate schedule in the syntax of `parseSchedule`; default constant. */
  readonly schedule?: string | undefined;
  /** Mini-batch size in samples; one of the sizes that the engine was planned for. */
  readonly batch: number;
  /** Maximum number of epochs, from 1; undefined where `maxSteps` is given. */
  readonly maxEpochs?: number | undefined;
  /** Maximum number of steps, a multiple of the steps between two evaluations. */
  readonly maxSteps?: number | undefined;
  /** Steps between two evaluations, from 1 to `maxSteps`; default those of an epoch. */
  readonly evaluateEvery?: number | undefined;
  /** Evaluations without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Whether the level's result is its last evaluation or its best. */
  readonly keep: "last" | "best";
  /** Whether the result has the losses and score sums of every evaluation; default false. */
  readonly keepCurves?: boolean | undefined;
  /** Whether the result has the optimiser's first moments; default false. */
  readonly keepMoments?: boolean | undefined;
}

/** Everything that determines a level's result, apart from the engine's dataset. Engines do not modify it. */
export interface LevelJob {
  /** Name of the network in error messages: `seed 3`. */
  readonly label: string;
  /** Model seed, an unsigned 32-bit integer; criteria may draw from it. */
  readonly seed: number;
  /** Part of the key of the sample order, an unsigned 32-bit integer; default the model seed. */
  readonly orderSeed?: number | undefined;
  /** Pruning level, from 0; part of the key of the sample order. */
  readonly level: number;
  readonly settings: LevelSettings;
  /** Initial parameters of the level; pruned weights and biases count as 0. The engine was planned for their shape. */
  readonly start: Parameters;
  readonly mask: Mask;
  /**
   * Estimated remaining work of the job's run, this level included, in a unit that all jobs of the engine share.
   * Waiting jobs start in the order of longest remaining work first, so that the last runs end together. Does not
   * change results. Default 0.
   */
  readonly remainingWork?: number | undefined;
  /** A checkpoint of this job, from which the level goes on; a checkpoint of other kernels or sizes is not used. */
  readonly resume?: LevelCheckpoint | undefined;
}

/** The kernels that train a level: the dense, sparse or resident kernels of an adapter, or the kernels of the CPU. */
export type Kernels = "dense" | "sparse" | "resident" | "cpu";

/** The training record of a level; losses and scores are those of the kept evaluation. */
export interface LevelTraining {
  readonly kernels: Kernels;
  /** Number of finished epochs: whole passes over the training samples. */
  readonly epochs: number;
  /** Number of optimiser steps. */
  readonly steps: number;
  /** Number of evaluations; the last one after the last step. */
  readonly evaluations: number;
  /** Number of steps before the kept evaluation. */
  readonly keptStep: number;
  /** Number of steps before the evaluation of the lowest validation loss, the first of equal ones. */
  readonly bestStep: number;
  /**
   * Mean training loss over the samples since the evaluation before, and over tasks; each batch evaluated before its own
   * step; in nats for cross-entropy.
   */
  readonly trainLoss: number;
  /** Validation loss at the evaluation, mean over samples and tasks; in nats for cross-entropy. */
  readonly valLoss: number;
  /**
   * For each task, its score sums over the validation samples: the number of right answers of each class (0 and 1 of a
   * binary task), or the sum of squared errors.
   */
  readonly scoreSums: readonly (readonly number[])[];
  /** The values of every evaluation, if the settings ask for them. */
  readonly curves?: LevelCurves;
}

/** What a level came to at each evaluation: [evaluations], in their order; units as in {@link LevelTraining}. */
export interface LevelCurves {
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  readonly scoreSums: readonly LevelTraining["scoreSums"][];
}

/** Counts and losses of a level in training; units as in {@link LevelTraining}. */
export interface LevelCounts {
  readonly steps: number;
  readonly evaluations: number;
  /** Number of evaluations since the lowest validation loss. */
  readonly evaluationsSinceBest: number;
  /** The lowest validation loss so far; before the first evaluation the largest f32 or infinity. */
  readonly bestValLoss: number;
  /** Sum of the training losses since the last evaluation, over samples. 0 where {@link LevelCheckpoint.lossCells} has it. */
  readonly trainLossSum: number;
  /** Losses of the last evaluation, and number, from 1, and losses of the kept one; 0 before the first. */
  readonly trainLoss: number;
  readonly valLoss: number;
  readonly keptEvaluation: number;
  readonly keptTrainLoss: number;
  readonly keptValLoss: number;
}

/**
 * The state of a level between two optimiser steps: all that its further training depends on beside the job. A level that
 * goes on from it gives the same bytes as one that was never stopped.
 *
 * The parameter arrays have the order in which the kernels store parameters: dense and sparse kernels that of
 * src/network/parameters.ts, resident kernels that of `ResidentGraph.elements`, those of the CPU that of
 * `CompactNetwork.elements`. The last two are functions of mask and settings, and hold the computed parameters only.
 */
export interface LevelCheckpoint {
  readonly kernels: Kernels;
  readonly counts: LevelCounts;
  /** [parameter] */
  readonly parameters: Float32Array<ArrayBuffer>;
  /** [parameter]: moments of the optimiser; SGD has zeros as second ones. */
  readonly firstMoments: Float32Array<ArrayBuffer>;
  readonly secondMoments: Float32Array<ArrayBuffer>;
  /** [parameter]: those of the best evaluation so far; empty unless the settings keep the best. */
  readonly bestParameters: Float32Array<ArrayBuffer>;
  /** [sum]: score sums of the kept evaluation as kernels store them (src/engine/shared/score_sums.ts). */
  readonly keptScores: Uint32Array<ArrayBuffer>;
  /** [evaluation][words]: curves so far as kernels store them (src/engine/shared/curves.ts); empty where none are kept. */
  readonly curves: Uint32Array<ArrayBuffer>;
  /** [cell]: what the invocations of the resident kernel have summed since the last evaluation; empty for other kernels. */
  readonly lossCells: Uint32Array<ArrayBuffer>;
}

/** Reads a level while it trains. */
export interface LevelNow {
  /** Number of epochs done by the job's checkpoint; undefined where the level begins anew. */
  readonly resumedEpochs: number | undefined;
  /** The parameters at the current step of the level; may reject after the level has ended. */
  weights(): Promise<Parameters>;
  /**
   * The state at the current step; undefined where the level has ended. Takes a read from the device, or on the CPU the
   * time of a step.
   * @throws DeviceError when the device fails
   */
  checkpoint(): Promise<LevelCheckpoint | undefined>;
}

/** Progress of a level in training. */
export interface LevelProgress {
  /** Numbers of finished epochs and of steps before the last evaluation. */
  readonly epochs: number;
  readonly steps: number;
  /** Of the last evaluation. */
  readonly trainLoss: number;
  readonly valLoss: number;
}

/** Observes the training of one level. Does not change results. Must not throw. */
export interface LevelObserver {
  /** Called when the level begins. */
  begun?(now: LevelNow): void;
  /** Called from time to time, not after every evaluation. */
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
   * The trained parameters; pruned weights and biases are exactly 0.
   * @throws DeviceError when the device fails
   */
  weights(): Promise<Parameters>;
  /**
   * The optimiser's first moments after the last step, also where the best evaluation is kept; 0 for pruned parameters and for
   * parameters without a path to an output, whose gradients are 0. The settings must ask for them by `keepMoments`.
   * @throws DeviceError when the device fails
   */
  firstMoments(): Promise<Parameters>;
  /**
   * Selects the mask of the next level from the trained weights, on the device if they are stored there.
   * @returns a subset of the level's mask with exactly the requested number of weights, and all of its biases
   */
  select(selection: Selection): Promise<Mask>;
  /** Frees the parameters; no other method must be called afterwards. */
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
   * Trains one level until early stopping or its most steps end it. The caller must release the result.
   * @throws RunError when the loss becomes NaN or infinite, or threads of the CPU fail twice; DeviceError when the
   * device fails
   */
  train(job: LevelJob, observer?: LevelObserver): Promise<TrainedLevel>;
  /** Frees the engine's resources; levels in training or waiting are lost. */
  close(): void;
}
