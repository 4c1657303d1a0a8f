import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Selection } from "../pruning/selection.ts";

/** A network as it enters an engine. */
export interface NetworkStart {
  /** Names the network in errors: `seed 3`. */
  readonly label: string;
  /** Model seed, an unsigned 32-bit integer: keys the sample order. */
  readonly seed: number;
  /** Initial weights and biases: every level starts from them, and pruning rewinds to them. */
  readonly initial: Parameters;
  /** The mask that the first level trains with. */
  readonly mask: Mask;
}

/** How a level is trained; may differ from network to network and from level to level. */
export interface LevelSettings {
  /** Name of an optimiser of src/network/optimizers. */
  readonly optimizer: string;
  /** Learning rate, above 0. */
  readonly lr: number;
  /** Decoupled weight decay, from 0: a step at learning rate r keeps the share 1 - r * weightDecay of every parameter. Default 0. */
  readonly weightDecay?: number | undefined;
  /** How the learning rate changes over the level, as `parseSchedule` reads it; default constant. */
  readonly schedule?: string | undefined;
  /** Epochs at most, from 1. */
  readonly maxEpochs: number;
  /** Epochs without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Whether the level's result is its last epoch or its best. */
  readonly keep: "last" | "best";
  /** Samples of a mini-batch, one of those that the engine was planned for; the largest of them when left out. */
  readonly batch?: number;
  /**
   * About how much the network has ahead of it, this level included, in any unit that is everyone's. Where more levels wait than
   * train at the same time, the one with most ahead is next, so that the last networks end together. Default 0.
   */
  readonly ahead?: number;
}

/** What trains a level: matrices or edge lists spread over the device, a workgroup of its own, or a thread of the CPU. */
export type Kernels = "dense" | "sparse" | "resident" | "cpu";

/** What a level's training came to; losses and counts belong to the epoch that it keeps. */
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
  readonly correct: readonly number[];
}

/** How far a level is, as its observer hears it while it trains. */
export interface LevelProgress {
  /** Epochs done. */
  readonly epochs: number;
  readonly trainLoss: number;
  readonly valLoss: number;
}

/**
 * A network in a slot of an engine. Calls are made one after the other, but `weights` may be called while a level trains; between
 * networks they may overlap freely.
 */
export interface TrainingNetwork {
  /**
   * Trains one level from the initial values under the current mask, until its own early stopping ends it.
   * @param level keys the sample order, from 0
   * @param observe hears of progress now and then, not of every epoch
   * @throws RunError when the loss becomes NaN or infinite; DeviceError when the device fails
   */
  train(level: number, settings: LevelSettings, observe?: (progress: LevelProgress) => void): Promise<LevelTraining>;
  /**
   * The weights as trained, pruned ones exactly 0. While a level trains, the weights as they are at some step of it; the level
   * comes to the same whether it is asked or not.
   * @throws DeviceError when the device fails
   */
  weights(): Promise<Parameters>;
  /**
   * Selects by the weights as trained, then rewinds: kept weights and biases are at their initial values again.
   * @param level the level that the new mask will train: keys the random criterion
   * @returns the next mask, with exactly `remaining` weights
   */
  prune(selection: Selection, level: number): Promise<Mask>;
  /** Leaves the slot to the next network. */
  release(): void;
}

/**
 * Trains networks on one dataset, of one shape or (all but tiled) of several, as many at a time as it has slots. No network waits
 * for another: each ends its levels by its own early stopping and is pruned and sent on while the others train.
 */
export interface Engine {
  /** `adapter` chooses among an adapter's kernels level by level, `cpu` needs none; the others are what was asked for. */
  readonly name: "adapter" | "dense" | "sparse" | "tiled" | "resident" | "cpu";
  /** Who does the arithmetic: `SwiftShader driver 5.0.0`, `WebAssembly SIMD`. */
  readonly executor: string;
  /** Networks that it holds at the same time. */
  readonly slots: number;
  /** Bytes that the engine holds on the device (or in memory, for the CPU), the dataset included. */
  readonly memoryBytes: number;
  /** Gives a network a slot, waiting for a free one, and sets it to its initial values under its mask. */
  admit(start: NetworkStart): Promise<TrainingNetwork>;
  /** Frees what the engine holds; networks still in slots are lost. */
  close(): void;
}
