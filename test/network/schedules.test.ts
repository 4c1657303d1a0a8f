import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../src/network/schedules/index.ts";
import { rateOfStep } from "../../src/network/schedules/rate.ts";

describe("parseSchedule", () => {
  it("reads schedules as they are written", () => {
    const constant = { warmupSteps: 1, milestones: [], factor: 1 };
    expect(parseSchedule("constant")).toEqual(constant);
    expect(parseSchedule("warmup:500")).toEqual({ ...constant, warmupSteps: 500 });
    const steps = { milestones: [1000, 2000], factor: 0.1 };
    expect(parseSchedule("milestones:1000,2000:0.1")).toEqual({ warmupSteps: 1, ...steps });
    expect(parseSchedule("warmup:500+milestones:1000,2000:0.1")).toEqual({ warmupSteps: 500, ...steps });
    // An address turns a + into a space.
    expect(parseSchedule("milestones:1000,2000:0.1 warmup:500")).toEqual({ warmupSteps: 500, ...steps });
    for (const spaced of ["warmup:500 + milestones:1000,2000:0.1", " warmup:500  milestones:1000,2000:0.1 "]) {
      expect(parseSchedule(spaced)).toEqual({ warmupSteps: 500, ...steps });
    }
    expect(parseSchedule("milestones:7:0")).toEqual({ warmupSteps: 1, milestones: [7], factor: 0 });
  });

  it.each([
    ["cosine", 'schedule "cosine" is not known: give constant, warmup or milestones'],
    ["warmup", 'schedule "warmup" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:0", 'schedule "warmup:0" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:2.5", 'schedule "warmup:2.5" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:5:5", 'schedule "warmup:5:5" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:", 'schedule "warmup:" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ...[
      "milestones:5",
      "milestones:5:",
      "milestones::1",
      "milestones:5,5:0.1",
      "milestones:1,2,3,4,5:0.1",
      "milestones:0:0.1",
      "milestones:5:-1",
      "milestones:5:1e39",
      "milestones:5:0.1:2",
      "milestones:5,:0.1",
      "milestones:16777217:0",
    ].map((text) => [
      text,
      `schedule "${text}" does not fit: give milestones:<step,step,..>:<factor>, 1 to 4 ascending integers from 1 to 16777216 and a factor from 0`,
    ]),
    ...["warmup:5+warmup:6", "constant+warmup:5", "constant+constant", "milestones:5:0+milestones:6:0"].map((text) => [
      text,
      `schedule "${text}" does not fit: give one of each of warmup and milestones, joined by +`,
    ]),
    ["warmup:5+", 'schedule "" is not known: give constant, warmup or milestones'],
    ["constant:3", 'schedule "constant:3" does not fit: give constant'],
  ])("refuses %s", (text, message) => {
    expect(() => parseSchedule(text)).toThrow(message);
  });
});

describe("rateOfStep", () => {
  it("warms up, then is multiplied by the factor after each milestone", () => {
    const schedule = parseSchedule("warmup:4+milestones:2,6:0.5");
    const rates = Array.from({ length: 8 }, (_, k) => rateOfStep(8, schedule, k + 1));
    expect(rates).toEqual([2, 4, 3, 4, 4, 4, 2, 2]);
  });

  it("is exactly 0 after a milestone with factor 0, and as given up to it", () => {
    const schedule = parseSchedule("milestones:3:0");
    expect([1, 2, 3, 4, 5].map((step) => rateOfStep(0.1, schedule, step))).toEqual([0.1, 0.1, 0.1, 0, 0]);
  });
});
