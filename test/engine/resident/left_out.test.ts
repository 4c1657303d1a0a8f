import { expect, it } from "vitest";
import { leftOutChange } from "../../../src/engine/resident/left_out.ts";
import { parseSchedule } from "../../../src/network/schedules/index.ts";
import { rateOfStep } from "../../../src/network/schedules/rate.ts";
import { settings } from "../small_networks.ts";

it.each([
  {},
  { weightDecay: 0.3 },
  { l1: 0.02 },
  { weightDecay: 0.3, l1: 0.02, schedule: "warmup:5" },
  { weightDecay: 0.3, l1: 0.02, schedule: "milestones:3,9:0.1" },
  { weightDecay: 0.3, l1: 0.02, schedule: "warmup:5+milestones:3,5,11:0.5" },
  { weightDecay: 0.3, l1: 0.02, schedule: "milestones:7:0" },
])("is what the steps do to a parameter without gradient, one after the other: %o", (own) => {
  const all = { ...settings, lr: 0.5, ...own };
  const { weightDecay = 0, l1 = 0, schedule = "constant" } = all;
  for (const steps of [0, 1, 4, 5, 6, 9, 10, 30]) {
    const { factor, shift } = leftOutChange(all, steps);
    for (const start of [2, -0.7, 0.03, 0]) {
      let value = start;
      for (let step = 1; step <= steps; step++) {
        const rate = rateOfStep(all.lr, parseSchedule(schedule), step);
        const kept = value * (1 - rate * weightDecay);
        value = Math.sign(kept) * Math.max(0, Math.abs(kept) - rate * l1);
      }
      const changed = Math.sign(start) * Math.max(0, Math.abs(start) * factor - shift);
      expect(changed, `${steps} steps from ${start}`).toBeCloseTo(value, 12);
    }
  }
  if (weightDecay === 0 && l1 === 0) expect(leftOutChange(all, 30)).toEqual({ factor: 1, shift: 0 });
});
