import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { gridPoints, gridRuns } from "../../src/lottery/grid.ts";

describe("a grid", () => {
  it("is every combination, the first key varying slowest", () => {
    const points = gridPoints({ extension: [0, 1], lr: 0.01, keep: ["last", "best"], seeds: [0, 1] }, "test");
    expect(points).toEqual([
      { extension: 0, lr: 0.01, keep: "last", seeds: [0, 1] },
      { extension: 0, lr: 0.01, keep: "best", seeds: [0, 1] },
      { extension: 1, lr: 0.01, keep: "last", seeds: [0, 1] },
      { extension: 1, lr: 0.01, keep: "best", seeds: [0, 1] },
    ]);
  });

  it("takes a list of lists for a key that is a list anyway", () => {
    expect(gridPoints({ shape: [4, 8, 2], classes: [0, 1] }, "test")).toEqual([{ shape: [4, 8, 2], classes: [0, 1] }]);
    const shapes = [
      [4, 8, 2],
      [4, 16, 2],
    ];
    expect(gridPoints({ shape: shapes }, "test")).toEqual(shapes.map((shape) => ({ shape })));
  });

  it("takes a list of tasks as one value, and several lists or texts as several", () => {
    const tasks = [{ name: "a", inputs: ["x"], targets: ["y"] }];
    expect(gridPoints({ tasks }, "test")).toEqual([{ tasks }]);
    expect(gridPoints({ tasks: ["a:2:1", tasks] }, "test")).toEqual([{ tasks: "a:2:1" }, { tasks }]);
  });

  it("leaves an empty list to the check of the spec", () => {
    expect(gridPoints({ extension: [] }, "test")).toEqual([{ extension: [] }]);
  });

  it("counts its runs before it makes them, and refuses too many", () => {
    expect(gridRuns({ extension: [0, 1, 2], lr: [1, 2], seeds: [0, 1] })).toBe(12);
    const seeds = Array.from({ length: 10_000 }, (_, seed) => seed);
    expect(gridPoints({ extension: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], rate: 0.5, seeds }, "test")).toHaveLength(10);
    const tooMany = { extension: Array.from({ length: 26 }, (_, e) => e), lr: [0.1, 0.01], rate: 0.3, seeds };
    expect(() => gridPoints(tooMany, "moons-circles")).toThrow(
      new InputError(
        "moons-circles: extension x lr x seeds give 520000 runs, at most 100000: give fewer values or seeds",
      ),
    );
  });
});
