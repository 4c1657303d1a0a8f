import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import type { Task } from "../../src/base/task.ts";
import type { Mask } from "../../src/mask/mask.ts";
import { task, ticket, twoTasks } from "./drawn.ts";

function foreign(mask: Mask, tasks: readonly Task[]) {
  const { foreignInputs, subnetworks } = analyze(mask, tasks, "output");
  return { sum: foreignInputs, each: subnetworks.map((subnetwork) => subnetwork.foreignInputs) };
}

describe("foreign inputs", () => {
  it("are inputs of a task none of whose outputs lie in the subnetwork", () => {
    //  i0 ---- h0 ---- o0     circles uses i2, an input of moons
    //  i2 --/
    //  i3 ---- h1 ---- o1
    const mask = ticket([4, 2, 2], ["0-0 2-0 3-1", "0-0 1-1"]);
    expect(foreign(mask, twoTasks)).toEqual({ sum: 1, each: [1, 0] });
    expect(analyze(mask, twoTasks, "output").state).toBe("separated");
  });

  it("are none in an interconnected network, which touches both tasks", () => {
    //  all four inputs to h0, and h0 to both outputs
    const mask = ticket([4, 1, 2], ["0-0 1-0 2-0 3-0", "0-0 0-1"]);
    expect(foreign(mask, twoTasks)).toEqual({ sum: 0, each: [0] });
  });

  it("are summed over the subnetworks", () => {
    //  i0, i1 ---- h0 ---- o1
    //  i2, i3 ---- h1 ---- o0
    const crossed = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-1 1-0"]);
    expect(foreign(crossed, twoTasks)).toEqual({ sum: 4, each: [2, 2] });
  });

  it("go by output coverage whatever kind decides the state", () => {
    const crossed = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-1 1-0"]);
    expect(analyze(crossed, twoTasks, "input").foreignInputs).toBe(4);
    expect(analyze(crossed, twoTasks, "total").foreignInputs).toBe(4);
  });

  it("are not inputs that no task owns", () => {
    //  i0 ---- h0 ---- o0     tasks own i0 and i1; i2 belongs to no task
    //  i2 --/
    //  i1 ---- h1 ---- o1
    const tasks = [task("first", [0, 1], [0, 1]), task("second", [1, 1], [1, 1])];
    expect(foreign(ticket([3, 2, 2], ["0-0 2-0 1-1", "0-0 1-1"]), tasks)).toEqual({ sum: 0, each: [0, 0] });
  });

  it("are not inputs that several tasks own, when one of them has an output there", () => {
    //  i0 ---- o0             both tasks own i0; i1 belongs to the second only
    //  i1 ---- o1
    const tasks = [task("first", [0, 1], [0, 1]), task("second", [0, 2], [1, 1])];
    expect(foreign(ticket([2, 2], ["0-0 1-1"]), tasks)).toEqual({ sum: 0, each: [0, 0] });
    //  i1 ---- o0
    expect(foreign(ticket([2, 2], ["1-0"]), tasks)).toEqual({ sum: 1, each: [1] });
  });
});
