import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../src/network/schedules/index.ts";

describe("parseSchedule", () => {
  it("reads schedules as they are written", () => {
    expect(parseSchedule("constant")).toEqual({ warmupSteps: 1 });
    expect(parseSchedule("warmup:500")).toEqual({ warmupSteps: 500 });
  });

  it.each([
    ["cosine", 'schedule "cosine" is not known: give constant or warmup'],
    ["warmup", 'schedule "warmup" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:0", 'schedule "warmup:0" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:2.5", 'schedule "warmup:2.5" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["warmup:5:5", 'schedule "warmup:5:5" does not fit: give warmup:<steps>, an integer from 1 to 16777216'],
    ["constant:3", 'schedule "constant:3" does not fit: give constant'],
  ])("refuses %s", (text, message) => {
    expect(() => parseSchedule(text)).toThrow(message);
  });
});
