import { describe, expect, it } from "vitest";
import { separationDegree } from "../../src/analysis/degree.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { task, ticket, twoTasks } from "./drawn.ts";

const degreeOf = (mask: Mask, tasks: readonly Task[]) => separationDegree(mask, reachability(mask), tasks);

describe("degree of separation", () => {
  it("is 0 within a dense network and 1 at the end that it is seen from", () => {
    expect(degreeOf(Mask.full([4, 8, 8, 2]), twoTasks)).toEqual({
      fromOutputs: [0, 0, 0, 1],
      fromInputs: [1, 0, 0, 0],
    });
  });

  it("is 1 everywhere in a separated network", () => {
    //  i0, i1 ---- h0 ---- o0
    //  i2, i3 ---- h1 ---- o1
    const apart = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-0 1-1"]);
    expect(degreeOf(apart, twoTasks)).toEqual({ fromOutputs: [1, 1, 1], fromInputs: [1, 1, 1] });
  });

  it("differs by the end that it is seen from", () => {
    //  i0 ---- h0 ---- k0 ---- o0
    //  i1 ---- h1 --/
    //  i2 ---- h2 ---- k1 ---- o1
    //            \---- k0             h2 and i2 reach both outputs; k0 and o0 are reached by both tasks' inputs
    const mask = ticket([4, 3, 2, 2], ["0-0 1-1 2-2", "0-0 1-0 2-1 2-0", "0-0 1-1"]);
    expect(degreeOf(mask, twoTasks)).toEqual({
      fromOutputs: [2 / 3, 2 / 3, 1, 1],
      fromInputs: [1, 1, 1 / 2, 1 / 2],
    });
  });

  it("looks at active neurons only: inactive and zombie ones neither count nor pass anything on", () => {
    //  i0 ---- h0 ---- o0      circles
    //  i2 ---- h1 ---- o1      moons
    //  i0, i2 - h2             inactive: reached by both tasks
    //           h3 - o0, o1    zombie: reaches both tasks
    const mask = ticket([4, 4, 2], ["0-0 2-1 0-2 2-2", "0-0 1-1 3-0 3-1"]);
    expect(degreeOf(mask, twoTasks)).toEqual({ fromOutputs: [1, 1, 1], fromInputs: [1, 1, 1] });
  });

  it("is null in every layer when no neuron is active", () => {
    //  i0 ---- h0      h1 ---- o0
    const broken = ticket([4, 2, 2], ["0-0", "1-0"]);
    expect(degreeOf(broken, twoTasks)).toEqual({ fromOutputs: [null, null, null], fromInputs: [null, null, null] });
  });

  it("ignores columns of no task: a neuron connected only to those does not count", () => {
    //  i0 ---- h0 ---- o0      the task owns i0 and o0
    //  i1 --/    \---- o1
    //  i1 ---- h1 ---- o1
    const mask = ticket([2, 2, 2], ["0-0 1-0 1-1", "0-0 0-1 1-1"]);
    expect(degreeOf(mask, [task("only", [0, 1], [0, 1])])).toEqual({
      fromOutputs: [1, 1 / 2, 1 / 2],
      fromInputs: [1 / 2, 1 / 2, 1],
    });
  });

  it("distinguishes three tasks from two", () => {
    //  i0 ---- h0 ---- o0, o1, o2
    //  i1 ---- h1 ---- o2
    const tasks = [0, 1, 2].map((i) => task(`t${i}`, [Math.min(i, 1), 1], [i, 1]));
    const mask = ticket([2, 2, 3], ["0-0 1-1", "0-0 0-1 0-2 1-2"]);
    expect(degreeOf(mask, tasks).fromOutputs).toEqual([1 / 2, 1 / 2, 1]);
  });
});
