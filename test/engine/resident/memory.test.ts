import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTurn } from "../../../src/base/next_turn.ts";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { planResident, ResidentSizes } from "../../../src/engine/resident/population.ts";
import { Heap } from "../../../src/engine/shared/heap.ts";
import { Memory } from "../../../src/engine/shared/memory.ts";

describe("a heap", () => {
  it("gives out the first range that is long enough, and joins what comes back", () => {
    const heap = new Heap(10);
    expect([heap.take(4), heap.take(4), heap.take(4), heap.take(2)]).toEqual([0, 4, undefined, 8]);
    heap.leave(0, 4);
    expect(heap.take(5)).toBeUndefined();
    heap.leave(4, 4);
    expect(heap.take(8)).toBe(0);
  });

  it("gives ranges that never overlap, and is whole again at the end", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.boolean()), (counts, choices) => {
        const heap = new Heap(64);
        const taken = new Map<number, number>();
        const giveBack = (at: number) => {
          heap.leave(at, taken.get(at) ?? 0);
          taken.delete(at);
        };
        for (const count of counts) {
          const at = heap.take(count);
          if (at !== undefined) {
            for (const [other, length] of taken) expect(at + count <= other || other + length <= at).toBe(true);
            expect(at + count).toBeLessThanOrEqual(64);
            taken.set(at, count);
          }
          const [first] = taken.keys();
          if (first !== undefined && choices.next().value) giveBack(first);
        }
        for (const at of [...taken.keys()]) giveBack(at);
        expect(heap.take(64)).toBe(0);
      }),
    );
  });

  it("refuses a range that is not taken", () => {
    const heap = new Heap(8);
    heap.take(3);
    expect(() => heap.leave(0, 2)).toThrow("internal: no range of 2 elements at 0 is taken");
    expect(() => heap.leave(1, 3)).toThrow("internal: no range of 3 elements at 1 is taken");
  });
});

describe("the memory of a population", () => {
  it("lets the network with most remaining work go on first, and keeps shorter ones waiting for it", async () => {
    const memory = new Memory({ graph: 10, parameters: 10, rows: 0 });
    const need = (count: number) => ({ graph: count, parameters: 1, rows: 0 });
    const order: string[] = [];
    const enter = (name: string, count: number, work: number) =>
      memory.take(need(count), work).then((place) => {
        order.push(name);
        return place;
      });
    const first = await enter("first", 6, 1);
    const second = await enter("second", 4, 1);
    const others = [enter("short", 3, 1), enter("long", 6, 9)];
    await nextTurn();
    expect(order).toEqual(["first", "second"]);
    memory.leave(second, need(4));
    await nextTurn();
    expect(order).toEqual(["first", "second"]);
    memory.leave(first, need(6));
    await Promise.all(others);
    expect(order).toEqual(["first", "second", "long", "short"]);
  });

  it("refuses a network that never fits", async () => {
    const memory = new Memory({ graph: 10, parameters: 10, rows: 0 });
    await expect(memory.take({ graph: 1, parameters: 1, rows: 3 }, 0)).rejects.toThrow(
      "internal: a network needs 3 elements of rows, the population has 0",
    );
  });
});

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
