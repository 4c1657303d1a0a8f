import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import type { LevelSettings } from "../engine.ts";

/**
 * Factor by which weight decay has changed a parameter without gradient after some steps; exactly 1 without weight
 * decay. The graph leaves such parameters out, so the host applies the factor.
 */
export function decayFactor({ lr, weightDecay = 0, schedule = defaultSchedule }: LevelSettings, steps: number): number {
  if (weightDecay === 0) return 1;
  const { warmupSteps } = parseSchedule(schedule);
  let share = 1;
  for (let step = 1; step <= Math.min(steps, warmupSteps); step++) share *= 1 - lr * (step / warmupSteps) * weightDecay;
  return share * (1 - lr * weightDecay) ** Math.max(0, steps - warmupSteps);
}
