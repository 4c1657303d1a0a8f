import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { task, ticket } from "./drawn.ts";

describe("coverage", () => {
  //  i0 ---- h0 ---- o0       first task: inputs 0-3, outputs 0-1; second: inputs 4-5, outputs 2-3; i6 and o4 belong to no task
  //  i1 --/    \---- o1
  //  i4 --/    \---- o2
  //  i2 ---- h1 ---- o3
  //  i6 --/    \---- o4
  //  i3, i5                   lost
  const mask = ticket([7, 2, 5], ["0-0 1-0 4-0 2-1 6-1", "0-0 0-1 0-2 1-3 1-4"]);
  const tasks = [task("first", [0, 4], [0, 2]), task("second", [4, 2], [2, 2])];

  it("is the share of a task's inputs and outputs in a subnetwork, and their product", () => {
    expect(analyze(mask, tasks, "total").coverage).toEqual({
      input: [
        [0.5, 0.5],
        [0.25, 0],
      ],
      output: [
        [1, 0.5],
        [0, 0.5],
      ],
      total: [
        [0.5, 0.25],
        [0, 0],
      ],
    });
  });

  it("of each kind decides the state by itself", () => {
    expect(analyze(mask, tasks, "total").state).toBe("degraded");
    expect(analyze(mask, tasks, "input").state).toBe("degraded");
    expect(analyze(mask, tasks, "output").state).toBe("interconnected");
  });

  it("does not count neurons that are not active", () => {
    //  i0 ---- h0 ---- o0
    //  i1 ---- h1         inactive
    //          h2 ---- o1 zombie
    const cut = ticket([2, 3, 2], ["0-0 1-1", "0-0 2-1"]);
    const { coverage } = analyze(cut, [task("all", [0, 2], [0, 2])], "output");
    expect(coverage).toEqual({ input: [[0.5]], output: [[0.5]], total: [[0.25]] });
  });
});
