import type { RegistryEntry } from "../../base/registry.ts";

/** A schedule in the form that kernels use: numbers of the device's `Network`. */
export interface ScheduleNumbers {
  /**
   * Steps over which the learning rate grows linearly to its value, from 1; 1: the full rate from the first step on.
   */
  readonly warmupSteps: number;
  /** Steps, ascending, after each of which the learning rate is multiplied by `factor`; at most {@link mostMilestones}. */
  readonly milestones: readonly number[];
  /** From 0. */
  readonly factor: number;
}

/** Most milestones of a schedule: as many as the device's `Network` has members for. */
export const mostMilestones = 4;

/** Largest number of steps of a schedule; exact in f32. */
export const mostSteps = 2 ** 24;

/** How the learning rate changes over a level. Written `name`, or `name:argument:argument`. */
export interface Schedule extends RegistryEntry {
  readonly source: string;
  /** The arguments as they are written after the name and a colon: `<steps>`; empty for a schedule without any. */
  readonly notation: string;
  /** Which arguments fit, as a phrase. */
  readonly give: string;
  /** The schedule's own numbers; undefined where the arguments do not fit. */
  readonly numbers: (args: readonly string[]) => Partial<ScheduleNumbers> | undefined;
}

/** A number of steps as it is written, from 1 to {@link mostSteps}; undefined where the text is none. */
export function readSteps(text: string): number | undefined {
  const steps = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(steps) && steps >= 1 && steps <= mostSteps ? steps : undefined;
}
