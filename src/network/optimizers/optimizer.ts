import type { RegistryEntry } from "../../base/registry.ts";

/** Optimiser state of one parameter. */
export interface OptimizerState {
  /** First and second moment, 0 when a level starts; f32, written by every step. */
  first: number;
  second: number;
}

/**
 * Computes the optimiser step from a gradient. `shaders/shared/optimizer.wgsl` and the CPU's kernels
 * (`src/engine/cpu/assembly/optimizer.ts`) implement the same formulas, with the same constants (`constants.ts`).
 */
export interface Optimizer extends RegistryEntry {
  readonly source: string;
  /** The optimiser's number in the device's `Network`. */
  readonly number: number;
  /** Whether its first moment decays by the settings' momentum. */
  readonly takesMomentum: boolean;
  /**
   * One optimiser step, in float64, for every parameter.
   * @param step number of the step within the level, from 1
   * @param rate learning rate of the step
   * @param momentum factor of SGD's first moment at every step, from 0 to 1
   * @returns a function from a parameter's state and gradient to the amount that is subtracted from the parameter
   */
  readonly stepper: (
    step: number,
    rate: number,
    momentum: number,
  ) => (state: OptimizerState, gradient: number) => number;
}
