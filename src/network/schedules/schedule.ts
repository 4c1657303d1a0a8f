import type { RegistryEntry } from "../../base/registry.ts";

/** A schedule in the form that kernels use: one number of the device's `Network`. */
export interface ScheduleNumbers {
  /**
   * Steps over which the learning rate grows linearly to its value, from 1; 1: the full rate from the first step on.
   */
  readonly warmupSteps: number;
}

/** How the learning rate changes over a level. Written `name`, or `name:argument` where it takes one. */
export interface Schedule extends RegistryEntry {
  readonly source: string;
  /** Meaning of the argument, an integer from 1; undefined for a schedule without one. */
  readonly argument: string | undefined;
  readonly numbers: (argument: number) => ScheduleNumbers;
}
