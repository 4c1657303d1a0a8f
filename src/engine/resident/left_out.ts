import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import { rateOfStep } from "../../network/schedules/rate.ts";
import type { LevelSettings } from "../engine.ts";

/**
 * Factor by which weight decay has changed a parameter without gradient after some steps; exactly 1 without weight
 * decay. The graph leaves such parameters out, so the host applies the factor.
 */
export function decayFactor({ lr, weightDecay = 0, schedule = defaultSchedule }: LevelSettings, steps: number): number {
  if (weightDecay === 0) return 1;
  const numbers = parseSchedule(schedule);
  const warmSteps = Math.min(steps, numbers.warmupSteps);
  let share = 1;
  for (let step = 1; step <= warmSteps; step++) share *= 1 - rateOfStep(lr, numbers, step) * weightDecay;
  // After warm-up, the rate changes at milestones only.
  let from = warmSteps;
  for (const to of [...numbers.milestones, Number.POSITIVE_INFINITY]) {
    const count = Math.min(to, steps) - from;
    if (count <= 0) continue;
    share *= (1 - rateOfStep(lr, numbers, from + 1) * weightDecay) ** count;
    from += count;
  }
  return share;
}
