import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { Mask } from "../../src/mask/mask.ts";
import { task, ticket, twoTasks } from "./drawn.ts";

describe("interconnected", () => {
  it("is a dense network", () => {
    expect(analyze(Mask.full([4, 8, 8, 2]), twoTasks, "total").state).toBe("interconnected");
  });

  //  i0 ---- h0 ---- o0        circles: inputs 0 1, output 0
  //  i1 --/    \
  //  i2 ---- h1 ---- o1        moons: inputs 2 3, output 1;  h0 feeds both outputs
  //  i3 --/
  const bridged = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-0 0-1 1-1"]);

  it("is one subnetwork that touches two tasks, under every coverage kind", () => {
    for (const kind of ["total", "output", "input"] as const) {
      expect(analyze(bridged, twoTasks, kind).state).toBe("interconnected");
    }
  });

  it("is a single task with a single subnetwork: nothing to separate", () => {
    const all = [task("both", [0, 4], [0, 2])];
    expect(analyze(bridged, all, "total").state).toBe("interconnected");
    expect(analyze(bridged, all, "output").state).toBe("interconnected");
  });
});

describe("separated", () => {
  //  i0 ---- h0 ---- o0
  //  i1 --/
  //  i2 ---- h1 ---- o1
  //  i3 --/
  const apart = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-0 1-1"]);

  it("is a subnetwork for each task, under every coverage kind", () => {
    for (const kind of ["total", "output", "input"] as const) {
      expect(analyze(apart, twoTasks, kind).state).toBe("separated");
    }
    const { coverage, subnetworks } = analyze(apart, twoTasks, "total");
    const identity = [
      [1, 0],
      [0, 1],
    ];
    expect(coverage).toEqual({ input: identity, output: identity, total: identity });
    expect(subnetworks).toHaveLength(2);
  });

  it("has its rows in the order of the subnetworks, not of the tasks", () => {
    //  as above with a second path through the half of moons, which makes it larger
    const uneven = ticket([4, 3, 2], ["0-0 1-0 2-1 3-1 2-2", "0-0 1-1 2-1"]);
    expect(analyze(uneven, twoTasks, "total").coverage.total).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("survives inactive and zombie leftovers between the halves", () => {
    //  i0, i2 - h2 (inactive);  h3 - o0, o1 (zombie)
    const leftovers = ticket([4, 4, 2], ["0-0 1-0 2-1 3-1 0-2 2-2", "0-0 1-1 3-0 3-1"]);
    expect(analyze(leftovers, twoTasks, "total").state).toBe("separated");
  });
});

describe("degraded", () => {
  //  i0 ---- h0 ---- o0
  //  i1                        an input of circles is lost
  //  i2 ---- h1 ---- o1
  //  i3 --/
  const lostInput = ticket([4, 2, 2], ["0-0 2-1 3-1", "0-0 1-1"]);

  it("is a task that has lost an input, under total and input coverage only", () => {
    expect(analyze(lostInput, twoTasks, "total").state).toBe("degraded");
    expect(analyze(lostInput, twoTasks, "input").state).toBe("degraded");
    expect(analyze(lostInput, twoTasks, "output").state).toBe("separated");
    expect(analyze(lostInput, twoTasks, "total").coverage.total).toEqual([
      [0, 1],
      [0.5, 0],
    ]);
  });

  it("is a task that has lost its output, under every coverage kind", () => {
    //  i0 ---- h0 ---- o0
    //  i1 --/
    //  i2, i3          o1
    const lostOutput = ticket([4, 2, 2], ["0-0 1-0", "0-0"]);
    for (const kind of ["total", "output", "input"] as const) {
      expect(analyze(lostOutput, twoTasks, kind).state).toBe("degraded");
    }
  });

  it("goes before interconnected", () => {
    //  as `lostInput`, and h0 feeds both outputs
    const both = ticket([4, 2, 2], ["0-0 2-1 3-1", "0-0 0-1 1-1"]);
    expect(analyze(both, twoTasks, "total").state).toBe("degraded");
    expect(analyze(both, twoTasks, "output").state).toBe("interconnected");
  });

  it("is a task whose inputs feed the other task's output only, under total coverage", () => {
    //  i0, i1 ---- h0 ---- o1
    //  i2, i3 ---- h1 ---- o0
    const crossed = ticket([4, 2, 2], ["0-0 1-0 2-1 3-1", "0-1 1-0"]);
    expect(analyze(crossed, twoTasks, "total").state).toBe("degraded");
    expect(analyze(crossed, twoTasks, "output").state).toBe("separated");
    expect(analyze(crossed, twoTasks, "input").state).toBe("separated");
  });

  it("is a mask without weights", () => {
    const empty = analyze(ticket([4, 2, 2], []), twoTasks, "total");
    expect(empty.state).toBe("degraded");
    expect(empty.subnetworks).toEqual([]);
    expect(empty.coverage).toEqual({ input: [], output: [], total: [] });
  });
});

describe("fragmented", () => {
  //  i0 ---- h0 ---- o0 \ first task
  //  i1 ---- h1 ---- o1 /
  //  i2 ---- h2 ---- o2   second task
  const pieces = ticket([3, 3, 3], ["0-0 1-1 2-2", "0-0 1-1 2-2"]);
  const tasks = [task("first", [0, 2], [0, 2]), task("second", [2, 1], [2, 1])];

  it("is a task in several subnetworks, none of which touches another task", () => {
    expect(analyze(pieces, tasks, "output").state).toBe("fragmented");
    expect(analyze(pieces, tasks, "input").state).toBe("fragmented");
  });

  it("counts as degraded under total coverage, where the products of the parts sum to less than 1", () => {
    const { state, coverage } = analyze(pieces, tasks, "total");
    expect(coverage.total).toEqual([
      [0.25, 0],
      [0.25, 0],
      [0, 1],
    ]);
    expect(state).toBe("degraded");
  });

  it("is a single task in two subnetworks", () => {
    //  i0 ---- o0
    //  i1 ---- o1
    expect(analyze(ticket([2, 2], ["0-0 1-1"]), [task("only", [0, 2], [0, 2])], "output").state).toBe("fragmented");
  });

  it("is decided on whole counts: ten inputs in ten parts sum to 1", () => {
    // Shares of 0.1 ten times over sum to 0.9999999999999999.
    //  i0..i9 each straight to its own output: ten subnetworks of one task under input coverage
    const shape = [10, 10];
    const straight = ticket(shape, [Array.from({ length: 10 }, (_, i) => `${i}-${i}`).join(" ")]);
    expect(analyze(straight, [task("all", [0, 10], [0, 10])], "input").state).toBe("fragmented");
  });

  it("is not said of a subnetwork that touches no task", () => {
    //  i0 ---- o0   first
    //  i1 ---- o1   second
    //  i2 ---- o2   no task's
    const owned = [task("first", [0, 1], [0, 1]), task("second", [1, 1], [1, 1])];
    const mask = ticket([3, 3], ["0-0 1-1 2-2"]);
    expect(analyze(mask, owned, "total").state).toBe("separated");
    expect(analyze(mask, owned, "output").state).toBe("separated");
    expect(analyze(mask, owned, "total").subnetworks).toHaveLength(3);
  });
});
