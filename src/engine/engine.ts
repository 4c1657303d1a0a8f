import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Selection } from "../pruning/selection.ts";

/** How a level is trained; may differ from level to level. */
export interface LevelSettings {
  /** Name of an optimiser of src/network/optimizers. */
  readonly optimizer: string;
  /** Learning rate, above 0. */
  readonly lr: number;
  /** Decoupled weight decay, from 0: a step at learning rate r keeps the share 1 - r * weightDecay of every parameter. Default 0. */
  readonly weightDecay?: number | undefined;
  /** How the learning rate changes over the level, as `parseSchedule` reads it; default constant. */
  readonly schedule?: string | undefined;
  /** Samples of a mini-batch, one of those that the engine was planned for. */
  readonly batch: number;
  /** Epochs at most, from 1. */
  readonly maxEpochs: number;
  /** Epochs without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Whether the level's result is its last epoch or its best. */
  readonly keep: "last" | "best";
}

/** Everything that decides what a level comes to, apart from the engine's dataset. Nothing in it is changed. */
export interface LevelJob {
  /** Names the network in errors: `seed 3`. */
  readonly label: string;
  /** Model seed, an unsigned 32-bit integer: keys the sample order. */
  readonly seed: number;
  /** Pruning level, from 0: keys the sample order. */
  readonly level: number;
  readonly settings: LevelSettings;
  /** Parameters that training starts from; a weight that the mask prunes counts as 0. The shape is one that the engine was planned for. */
  readonly start: Parameters;
  readonly mask: Mask;
  /**
   * Estimated work that the job's run has left, this level included, in a unit that all jobs of the engine share. Of jobs that wait,
   * the one with most is trained first, so that the last runs end together. Changes no result. Default 0.
   */
  readonly remainingWork?: number;
}

/** The kernels that train a level: dense, sparse or resident ones of an adapter, or those of the CPU. */
export type Kernels = "dense" | "sparse" | "resident" | "cpu";

/** The record of a level's training; losses and counts belong to the epoch that it keeps. */
export interface LevelTraining {
  readonly kernels: Kernels;
  /** Epochs trained. */
  readonly epochs: number;
  /** Optimiser steps done. */
  readonly steps: number;
  /** The epoch kept, from 1. */
  readonly keptEpoch: number;
  /** Mean over the epoch of the loss of each sample as its batch was trained, in nats, mean over tasks. */
  readonly trainLoss: number;
  /** Mean validation loss after the epoch, in nats, mean over tasks. */
  readonly valLoss: number;
  /** By task, the sum of the validation samples' scores: the number that are right, or the sum of squared errors. */
  readonly scoreSums: readonly number[];
}

/** How far a level is while it trains. */
export interface LevelProgress {
  /** Epochs done, from 1. */
  readonly epochs: number;
  readonly trainLoss: number;
  readonly valLoss: number;
}

/** Watches one level; what it is told changes no result. Must not throw. */
export interface LevelObserver {
  /**
   * The level begins.
   * @param weights reads the parameters as they are at some step of the level; may reject once the level has ended
   */
  begun?(weights: () => Promise<Parameters>): void;
  /** Called now and then, not after every epoch. */
  progress?(progress: LevelProgress): void;
}

/** A level that has ended. The engine keeps its parameters until they are released. */
export interface TrainedLevel {
  readonly training: LevelTraining;
  /**
   * The parameters as trained, pruned weights exactly 0.
   * @throws DeviceError when the device fails
   */
  weights(): Promise<Parameters>;
  /**
   * Chooses the mask of the next level by the trained weights, where they lie.
   * @returns a mask within the level's, with exactly the wanted number of weights
   */
  select(selection: Selection): Promise<Mask>;
  /** Frees the parameters; neither of the calls above may follow. */
  release(): void;
}

/**
 * Trains levels on one dataset, each a function of its job alone. Levels train side by side and do not wait for each other; what
 * a level comes to does not depend on the others.
 */
export interface Engine {
  /** `adapter` chooses among an adapter's kernels level by level, `cpu` needs no adapter; the others are what was asked for. */
  readonly name: "adapter" | "dense" | "sparse" | "tiled" | "resident" | "cpu";
  /** Who does the arithmetic: `SwiftShader driver 5.0.0`, `WebAssembly SIMD`. */
  readonly executor: string;
  /** Levels that it holds at the same time, from 1; further ones wait. */
  readonly slots: number;
  /** Bytes that the engine holds on the device (or in memory, for the CPU), the dataset included. */
  readonly memoryBytes: number;
  /**
   * Trains one level, until its own early stopping ends it. The result is to be released.
   * @throws RunError when the loss becomes NaN or infinite; DeviceError when the device fails
   */
  train(job: LevelJob, observer?: LevelObserver): Promise<TrainedLevel>;
  /** Frees what the engine holds; levels that train or wait are lost. */
  close(): void;
}
