import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { unusedInputs } from "../../src/analysis/unused_inputs.ts";
import { Mask } from "../../src/mask/mask.ts";
import { task, ticket, twoTasks } from "./drawn.ts";

describe("unused inputs", () => {
  it("are none in a dense network", () => {
    expect(unusedInputs(Mask.full([4, 3, 2]), twoTasks)).toEqual({ count: 0, columns: [] });
  });

  it("are inputs without a path to an output, while the tasks stay separated by output coverage", () => {
    //  i0 ---- h0 ---- o0     i1 has no weight; i3 leads to h2, which leads nowhere
    //  i2 ---- h1 ---- o1
    //  i3 ---- h2
    const mask = ticket([4, 3, 2], ["0-0 2-1 3-2", "0-0 1-1"]);
    expect(unusedInputs(mask, twoTasks)).toEqual({ count: 2, columns: [1, 3] });
    expect(analyze(mask, twoTasks, "output").state).toBe("separated");
    expect(analyze(mask, twoTasks, "total").state).toBe("degraded");
  });

  it("are active inputs too that lead to outputs of other tasks only", () => {
    //  i0 ---- h0 ---- o0     i1, an input of circles, leads to the output of moons
    //  i1 ---- h1 ---- o1
    //  i2, i3 -/
    const mask = ticket([4, 2, 2], ["0-0 1-1 2-1 3-1", "0-0 1-1"]);
    expect(unusedInputs(mask, twoTasks)).toEqual({ count: 1, columns: [1] });
    expect(analyze(mask, twoTasks, "output").foreignInputs).toBe(1);
  });

  it("that several tasks own are used while one of them uses them; inputs of no task are not counted", () => {
    //  i0 ---- o0     both tasks own i1; i2 belongs to no task
    //  i1 ---- o1
    const tasks = [task("first", [0, 2], [0, 1]), task("second", [1, 1], [1, 1])];
    expect(unusedInputs(ticket([3, 2], ["0-0 1-1"]), tasks)).toEqual({ count: 0, columns: [] });
    expect(unusedInputs(ticket([3, 2], ["0-0 0-1"]), tasks)).toEqual({ count: 1, columns: [1] });
  });

  it("are found past one word of a mask", () => {
    const wide = [task("first", [0, 40], [0, 1]), task("second", [40, 30], [1, 1])];
    const mask = ticket([70, 2], ["0-0 39-0 40-1 69-1"]);
    const { count, columns } = unusedInputs(mask, wide);
    expect(count).toBe(66);
    expect([columns[0], columns[37], columns[38], columns[65]]).toEqual([1, 38, 41, 68]);
  });
});
