import type { RegistryEntry } from "../../base/registry.ts";

/** What a step knows of one parameter. */
export interface OptimizerState {
  /** First and second moment, 0 when a level starts; f32, written by every step. */
  first: number;
  second: number;
}

/**
 * How a step follows from a gradient. The same formulas stand in `shaders/shared/optimizer.wgsl` and in the CPU's kernels
 * (`src/engine/cpu/assembly/optimizer.ts`); all have momentum and moments of the same constants (`constants.ts`).
 */
export interface Optimizer extends RegistryEntry {
  readonly source: string;
  /** The optimiser's number in the device's `Network`. */
  readonly number: number;
  /**
   * The steps of one optimiser step, in float64.
   * @param step number of the step within the level, from 1
   * @param rate learning rate of the step
   * @returns what is taken off a parameter, by its state and the gradient
   */
  readonly stepper: (step: number, rate: number) => (state: OptimizerState, gradient: number) => number;
}
