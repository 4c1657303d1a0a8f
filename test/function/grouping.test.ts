import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { groupByDependence } from "../../src/function/grouping.ts";

/** The highest modularity of any assignment of rows and columns to groups, by trying all. */
function highestModularity(rows: readonly (readonly number[])[]): number {
  const [outputs, inputs] = [rows.length, rows[0].length];
  const scaled = rows.map((row) => {
    const sum = row.reduce((a, b) => a + b);
    return row.map((value) => value / sum / outputs);
  });
  const shares = scaled[0].map((_, input) => scaled.reduce((sum, row) => sum + row[input], 0));
  let highest = 0;
  const groups = new Array<number>(outputs + inputs).fill(0);
  for (let code = 0; code < outputs ** (outputs + inputs); code++) {
    let rest = code;
    for (let at = 0; at < groups.length; at++) {
      groups[at] = rest % outputs;
      rest = Math.floor(rest / outputs);
    }
    let sum = 0;
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        if (groups[output] === groups[outputs + input]) sum += scaled[output][input] - shares[input] / outputs;
      }
    }
    highest = Math.max(highest, sum);
  }
  return highest;
}

/** Modularity of a grouping, by its definition. */
function modularityOf(rows: readonly (readonly number[])[], groups: ReturnType<typeof groupByDependence>["groups"]) {
  const sums = rows.map((row) => row.reduce((a, b) => a + b));
  const at = (output: number, input: number) => rows[output][input] / sums[output] / rows.length;
  const share = (input: number) => rows.reduce((sum, _, output) => sum + at(output, input), 0);
  return groups.reduce(
    (sum, { inputs, outputs }) =>
      sum +
      inputs.reduce(
        (part, input) =>
          part + outputs.reduce((one, output) => one + at(output, input) - share(input) / rows.length, 0),
        0,
      ),
    0,
  );
}

describe("groups of inputs and outputs", () => {
  it.each([2, 3])("have the highest modularity of all divisions of %i outputs", (outputs) => {
    const random = new RandomStream(outputs, "datasetPoints");
    let told = 0;
    for (let trial = 0; trial < 40; trial++) {
      // Cubes: a few large values, so that some of the matrices fall into groups.
      const rows = Array.from({ length: outputs }, () => Array.from({ length: 4 }, () => random.nextUniform() ** 9));
      const { groups, assortativity } = groupByDependence(rows);
      if (groups.length === 1) continue;
      told++;
      expect(modularityOf(rows, groups)).toBeCloseTo(highestModularity(rows), 12);
      expect(assortativity).toBeGreaterThanOrEqual(0.5);
    }
    expect(told).toBeGreaterThan(5);
  });

  it("are the blocks of a matrix of blocks, by trying all and by merging, and nothing crosses", () => {
    for (const tasks of [2, 3, 4, 12]) {
      const rows = Array.from({ length: tasks * 2 }, (_, output) =>
        Array.from({ length: tasks * 3 }, (_, input) => (input % tasks === output % tasks ? 1 + input + output : 0)),
      );
      const { groups, assortativity, crossShare } = groupByDependence(rows);
      expect(groups).toEqual(
        Array.from({ length: tasks }, (_, task) => ({
          inputs: [task, task + tasks, task + 2 * tasks],
          outputs: [task, task + tasks],
        })),
      );
      expect(assortativity).toBeCloseTo(1, 12);
      expect(crossShare).toBeCloseTo(0, 12);
    }
  });

  it("are one where every output depends on all inputs alike, or most dependence would cross", () => {
    const even = groupByDependence([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(even).toEqual({ groups: [{ inputs: [0, 1, 2], outputs: [0, 1] }], assortativity: null, crossShare: 0 });
    const mixed = groupByDependence([
      [6, 4],
      [4, 6],
    ]);
    // 0.6 within, 0.5 by chance: (0.6 - 0.5) / (1 - 0.5).
    expect(mixed.assortativity).toBeCloseTo(0.2, 12);
    expect(mixed.groups).toEqual([{ inputs: [0, 1], outputs: [0, 1] }]);
  });

  it("hold no input that nothing depends on, and no constant output", () => {
    const rows = [
      [0, 0, 0, 0],
      [0, 3, 0, 0],
      [2, 0, 0, 0.1],
    ];
    const { groups, crossShare } = groupByDependence(rows);
    expect(groups).toEqual([
      { inputs: [0, 3], outputs: [2] },
      { inputs: [1], outputs: [1] },
    ]);
    expect(crossShare).toBe(0);
    expect(groupByDependence([[0, 0]])).toEqual({ groups: [], assortativity: null, crossShare: 0 });
  });
});
