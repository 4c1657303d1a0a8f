import { describe, expect, it } from "vitest";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { planResident, ResidentSizes } from "../../../src/engine/resident/population.ts";

describe("the plan of a resident population", () => {
  const dataset = moonsCircles(0);

  it("gives each network what its own shape needs", () => {
    const plan = (counts: Parameters<typeof planResident>[1]) => planResident({ dataset, batch: 64 }, counts);
    const small = { shape: [4, 8, 8, 2], count: 500 };
    const large = { shape: [4, 150, 150, 2], count: 3 };
    const mixed = plan([small, large]);
    expect(mixed.plan.slots).toBe(503);
    const parts = [plan([small]), plan([large])];
    const own = (fitted: ReturnType<typeof plan>) => fitted.plan.memory?.parameters ?? 0;
    expect(own(mixed)).toBe(own(parts[0]) + own(parts[1]));
    // Were every network as large as the largest, memory would hold far fewer.
    expect(plan([{ shape: [4, 150, 150, 2], count: 503 }]).plan.slots).toBeLessThan(503);
  });

  it("always has room for one network of each shape", () => {
    const shapes = [
      [4, 300, 300, 2],
      [4, 400, 10, 2],
    ];
    const counts = shapes.map((shape) => ({ shape, count: 1 }));
    const { plan } = planResident({ dataset, batch: 64 }, counts, 1);
    const sizes = new ResidentSizes(plan);
    for (const shape of shapes) {
      const need = sizes.capacity(shape);
      for (const name of ["graph", "parameters", "rows"] as const) {
        expect(need[name]).toBeLessThanOrEqual(sizes.memory[name]);
      }
    }
  });

  it("compiles for the least workgroup memory that holds a network", () => {
    const sizes = new ResidentSizes({
      dataset,
      batch: 64,
      shapes: [[4, 57, 57, 2]],
      slots: 264,
      workgroupBytes: 49152,
    });
    const constants = (vectors: number) => sizes.kernelInWorkgroup(vectors).constants.row_vectors;
    expect([1, 800, 801, 1312, 1313, 1824, 1825, 2848].map(constants)).toEqual([
      800, 800, 1312, 1312, 1824, 1824, 2848, 2848,
    ]);
    expect(() => constants(2849)).toThrow("workgroup memory has room for 2848");
    // (4,57,57,2): rows of 124 neurons, two batches of 4 inputs and their numbers, 17 quads each.
    expect(sizes.rows({ inputs: 4, blocks: 31 }, 64)).toEqual({
      stride: 17,
      validationQuads: 16,
      gradientShift: 0,
      areInStorage: false,
      vectors: (2 + 2 * 4 + 124) * 17,
    });
  });
});
