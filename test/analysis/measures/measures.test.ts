import { expect, it } from "vitest";
import { analyze } from "../../../src/analysis/analyze.ts";
import { measureMask, measures } from "../../../src/analysis/measures/measures.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { ticket, twoTasks } from "../drawn.ts";

/**
 * 7 of 24 weights are kept: 1 reaches no output, 1 starts at a neuron that no input reaches. Input 2 of moons feeds
 * circles.
 */
const drawn = ticket([4, 4, 2], ["0-0 1-0 2-0 3-3", "0-0 0-1 2-1"]);

it("measures a drawn ticket", () => {
  expect(measureMask(drawn, twoTasks)).toEqual({
    density: 7 / 24,
    "effective-density": 5 / 24,
    subnetworks: 1,
    "foreign-inputs": 0,
  });
  const alone = ticket([4, 4, 2], ["0-0 2-0", "0-0"]);
  expect(measureMask(alone, twoTasks, ["foreign-inputs", "effective-density"])).toEqual({
    "foreign-inputs": 1,
    "effective-density": 3 / 24,
  });
});

it("agrees with the analysis, on dense and on empty masks too", () => {
  for (const mask of [drawn, Mask.full([4, 8, 2]), ticket([4, 4, 2], ["", ""])]) {
    const { weights, remaining, subnetworks, foreignInputs } = analyze(mask, twoTasks, "total");
    expect(Object.values(measureMask(mask, twoTasks))).toEqual([
      remaining / mask.size,
      weights.active / mask.size,
      subnetworks.length,
      foreignInputs,
    ]);
  }
});

it("refuses names that are not known and tasks that do not fit", () => {
  expect(() => measureMask(drawn, twoTasks, ["entropy"])).toThrow(
    'measure "entropy" is not known: give density, effective-density, subnetworks or foreign-inputs',
  );
  expect(() => measureMask(ticket([2, 2], [""]), twoTasks)).toThrow('task "moons"');
  for (const { summary, source } of measures.entries) expect([summary, source].every((text) => text !== "")).toBe(true);
});
