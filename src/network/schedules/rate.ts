import type { ScheduleNumbers } from "./schedule.ts";

/**
 * The learning rate of a step, in float64. `step_size` of `shaders/shared/optimizer.wgsl` computes the same.
 * @param lr the full learning rate
 * @param step number of the step within the level, from 1
 */
export function rateOfStep(lr: number, { warmupSteps, milestones, factor }: ScheduleNumbers, step: number): number {
  const passed = milestones.filter((milestone) => step > milestone).length;
  return lr * Math.min(1, step / warmupSteps) * factor ** passed;
}
