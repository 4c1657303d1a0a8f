import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import { rateOfStep } from "../../network/schedules/rate.ts";
import type { LevelSettings } from "../engine.ts";

/** How a parameter without gradient changes: |w| becomes max(0, factor |w| - shift), with its sign kept. */
export interface LeftOutChange {
  readonly factor: number;
  readonly shift: number;
}

/**
 * How weight decay and L1 have changed parameters without gradient after some steps; exactly 1 and 0 without these. The
 * graph leaves such parameters out, so the host applies the change.
 */
export function leftOutChange(settings: LevelSettings, steps: number): LeftOutChange {
  const { lr, weightDecay = 0, l1 = 0, schedule = defaultSchedule } = settings;
  if (weightDecay === 0 && l1 === 0) return { factor: 1, shift: 0 };
  const numbers = parseSchedule(schedule);
  const warmSteps = Math.min(steps, numbers.warmupSteps);
  let [factor, shift] = [1, 0];
  /** Steps at one rate: the shift of each is kept in part by those after it, a geometric series. */
  const pass = (rate: number, count: number) => {
    const kept = 1 - rate * weightDecay;
    const power = kept ** count;
    factor *= power;
    shift = shift * power + rate * l1 * (kept === 1 ? count : (1 - power) / (1 - kept));
  };
  for (let step = 1; step <= warmSteps; step++) pass(rateOfStep(lr, numbers, step), 1);
  // After warm-up, the rate changes at milestones only.
  let from = warmSteps;
  for (const to of [...numbers.milestones, Number.POSITIVE_INFINITY]) {
    const count = Math.min(to, steps) - from;
    if (count <= 0) continue;
    pass(rateOfStep(lr, numbers, from + 1), count);
    from += count;
  }
  return { factor, shift };
}
