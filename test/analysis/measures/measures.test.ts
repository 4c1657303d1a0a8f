import { expect, it } from "vitest";
import { analyze } from "../../../src/analysis/analyze.ts";
import {
  leftOutForSize,
  measureMask,
  measures,
  readMeasures,
  usualMeasures,
} from "../../../src/analysis/measures/measures.ts";
import { measureNames } from "../../../src/analysis/measures/names.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { task, ticket, twoTasks } from "../drawn.ts";

/**
 * 7 of 24 weights are kept: 1 reaches no output, 1 starts at a neuron that no input reaches. Input 2 of moons feeds
 * circles.
 */
const drawn = ticket([4, 4, 2], ["0-0 1-0 2-0 3-3", "0-0 0-1 2-1"]);

const scalars = ["density", "effective-density", "subnetworks", "foreign-inputs"];

it("measures a drawn ticket", () => {
  // Active: inputs 0 and 1 to hidden 0, input 2 to hidden 0, hidden 0 to both outputs.
  expect(measureMask(drawn, twoTasks, measures.names)).toEqual({
    density: 7 / 24,
    "effective-density": 5 / 24,
    subnetworks: 1,
    "foreign-inputs": 0,
    "log10-paths": [
      [Math.log10(2), Math.log10(2)],
      [0, 0],
    ],
    "cross-paths": 0.5,
    conductance: [
      [expect.closeTo(2 / 3, 9), expect.closeTo(2 / 3, 9)],
      [expect.closeTo(1 / 2, 9), expect.closeTo(1 / 2, 9)],
    ],
    "cross-conductance": expect.closeTo(0.5, 9),
    "pair-cuts": [
      [null, 2],
      [2, null],
    ],
    "task-cut": 2,
    // Neuron by neuron, all but the hidden one serve both tasks or come from one and lead to both: one group.
    "task-modularity": 0,
    modularity: 0,
    "n-cut": expect.any(Number),
    // All pairs of active neurons are joined.
    "n-cut-p": null,
  });
  const alone = ticket([4, 4, 2], ["0-0 2-0", "0-0"]);
  expect(measureMask(alone, twoTasks, ["foreign-inputs", "effective-density"])).toEqual({
    "foreign-inputs": 1,
    "effective-density": 3 / 24,
  });
});

it("measures a separated ticket and one without weights", () => {
  const separated = ticket([4, 4, 2], ["0-0 1-1 2-2 3-3", "0-0 1-0 2-1 3-1"]);
  const shares = ["cross-paths", "cross-conductance", "task-cut", "task-modularity", "modularity", "n-cut"];
  expect(Object.values(measureMask(separated, twoTasks, shares))).toEqual([0, 0, 0, 0.5, 0.5, 0]);
  // 2 of 16 and 2 of 8 pairs would be few enough to be drawn again.
  expect(measureMask(separated, twoTasks, ["n-cut-p"])["n-cut-p"]).toBeGreaterThan(0.01);
  const empty = ticket([4, 4, 2], ["", ""]);
  expect(measureMask(empty, twoTasks, [...shares, "n-cut-p"])).toEqual({
    "cross-paths": null,
    "cross-conductance": null,
    "task-cut": 0,
    "task-modularity": null,
    modularity: null,
    "n-cut": null,
    "n-cut-p": null,
  });
});

it("agrees with the analysis, on dense and on empty masks too", () => {
  for (const mask of [drawn, Mask.full([4, 8, 2]), ticket([4, 4, 2], ["", ""])]) {
    const { weights, remaining, subnetworks, foreignInputs } = analyze(mask, twoTasks, "total");
    expect(Object.values(measureMask(mask, twoTasks, scalars))).toEqual([
      remaining / mask.size,
      weights.active / mask.size,
      subnetworks.length,
      foreignInputs,
    ]);
  }
});

it("computes costly measures only where they are named, and none above its bound", () => {
  expect(Object.keys(measureMask(drawn, twoTasks))).toEqual(usualMeasures);
  expect(measures.names).toEqual(measureNames);
  expect(measures.names.filter((name) => !usualMeasures.includes(name))).toEqual(["modularity", "n-cut-p"]);
  const large = Mask.full([150, 150, 2]);
  expect(measureMask(large, [task("a", [0, 150], [0, 2])], ["n-cut-p"])).toEqual({ "n-cut-p": null });
  expect(leftOutForSize(["density", "n-cut-p", "modularity"], 22_800)).toBe(
    "measures left out for the number of active weights: n-cut-p (above 20,000)",
  );
  expect(leftOutForSize(usualMeasures, 22_800)).toBeUndefined();
});

it("reads names for commands", () => {
  expect(readMeasures("task-cut, density,task-cut")).toEqual(["density", "task-cut"]);
  expect([readMeasures("all"), readMeasures("usual")]).toEqual([measures.names, usualMeasures]);
  expect(() => readMeasures("density,entropy")).toThrow(
    '--measures: "entropy" is not known: give all, usual, or a list of density,effective-density,',
  );
});

it("refuses names that are not known and tasks that do not fit", () => {
  expect(() => measureMask(drawn, twoTasks, ["entropy"])).toThrow(
    'measure "entropy" is not known: give density, effective-density, subnetworks, foreign-inputs, log10-paths',
  );
  expect(() => measureMask(ticket([2, 2], [""]), twoTasks)).toThrow('task "moons"');
  for (const { summary, source } of measures.entries) expect([summary, source].every((text) => text !== "")).toBe(true);
});
