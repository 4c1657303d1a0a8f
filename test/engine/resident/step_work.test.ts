import { describe, expect, it } from "vitest";
import type { Shape } from "../../../src/base/shape.ts";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { graphSize, residentGraph } from "../../../src/engine/resident/graph.ts";
import { ResidentSizes } from "../../../src/engine/resident/population.ts";
import { stepWork } from "../../../src/engine/resident/step_work.ts";
import { pathMask } from "../../../src/mask/path_mask.ts";

const dataset = moonsCircles(0);
const graphOf = (shape: Shape, weights: number) => residentGraph(shape, pathMask(shape, weights), true);

/** Device time of a step in us on an NVIDIA H200, batch 64, one network. */
const measured: [Shape, number, number][] = [
  [[4, 57, 57, 2], 112, 15.5],
  [[4, 57, 57, 2], 3591, 35.5],
  [[4, 70, 70, 2], 5320, 49],
  [[4, 178, 178, 2], 2000, 94],
  [[4, 178, 178, 2], 8000, 209],
  [[4, 178, 178, 2], 16_000, 285],
  [[4, 178, 178, 2], 32_000, 315],
];

describe("the cost of a step", () => {
  it.each(measured)("of %j with %i weights is within 5 %% of the time that an H200 takes", (shape, weights, us) => {
    const graph = graphOf(shape, weights);
    // An H200 offers 48 KiB of workgroup memory.
    const sizes = new ResidentSizes({ dataset, shapes: [shape], batch: 64, slots: 1, workgroupBytes: 49_152 });
    const areRowsInStorage = sizes.rows(graphSize(graph), 64).areInStorage;
    expect(areRowsInStorage).toBe(shape[1] === 178);
    const work = stepWork(graph, { batch: 64, workgroup: [16, 16], areRowsInStorage });
    expect(Math.abs(work / 10 / us - 1)).toBeLessThan(0.05);
  });

  it("grows with edges and batch, and is at least 1, on every adapter", () => {
    for (const workgroup of [
      [16, 16],
      [4, 1],
      [8, 1],
    ] as const) {
      for (const areRowsInStorage of [true, false]) {
        const work = (weights: number, batch: number) =>
          stepWork(graphOf([4, 57, 57, 2], weights), { batch, workgroup, areRowsInStorage });
        expect(work(3591, 64)).toBeGreaterThan(work(112, 64));
        expect(work(3591, 512)).toBeGreaterThan(work(3591, 64));
        expect(work(1, 1)).toBeGreaterThanOrEqual(1);
      }
    }
  });
});
