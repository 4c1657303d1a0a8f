import { describe, expect, it } from "vitest";
import { parseTasks } from "../../src/dataset/tasks.ts";
import { Mask } from "../../src/mask/mask.ts";
import { mostNulls } from "../../src/nulls/count.ts";
import { initialDistribution } from "../../src/nulls/initial_distribution.ts";
import { testNulls } from "../../src/nulls/null_test.ts";
import { plainStatistics } from "../../src/nulls/plain.ts";
import { NullThreads } from "../../src/nulls/threads.ts";
import { startNodeNullThread } from "../../src/nulls/worker/node.ts";
import { cases, maskWith, sparseMask } from "./tickets.ts";

const initial = initialDistribution([4, 20, 20, 2], {});
const { mask, tasks, coverage } = cases["two tasks"];
const request = { mask, tasks, coverage, initial, count: 500, seed: 3 };

describe("testNulls", () => {
  it("gives the p-value that all shuffles of a small ticket have", async () => {
    // Of the masks with 2 weights in each layer, 6 x 6 in all, those that separate two tasks of one input and output.
    const pair = parseTasks("a:1:1,b:1:1");
    const ticket = maskWith(
      [2, 2, 2],
      [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 0],
        [1, 1, 1],
      ],
    );
    let [separated, all] = [0, 0];
    for (let bits = 0; bits < 256; bits++) {
      const each = new Mask([2, 2, 2], Uint32Array.from([bits & 3, (bits >>> 2) & 3, (bits >>> 4) & 3, bits >>> 6]));
      if (each.count(0) !== 2 || each.count(1) !== 2) continue;
      all++;
      separated += plainStatistics(each, { tasks: pair, coverage: "total" }).separated;
    }
    expect([separated, all]).toEqual([2, 36]);
    const { models } = await testNulls({
      mask: ticket,
      tasks: pair,
      coverage: "total",
      initial,
      count: 20_000,
      models: ["shuffled"],
    });
    const { p, low, high, extreme, of, mean } = models.shuffled.statistics.separated;
    expect({ p, mean }).toEqual({ p: (extreme + 1) / 20_001, mean: extreme / of });
    // 5 standard errors.
    expect(Math.abs((p as number) - separated / all)).toBeLessThan(5 * Math.sqrt(0.0525 / 20_000));
    expect(low).toBeLessThan(separated / all);
    expect(high).toBeGreaterThan(separated / all);
  });

  it("gives p-values that are uniform where the ticket is a null itself", async () => {
    const small = await Promise.all(
      Array.from({ length: 20 }, async (_, seed) => {
        const drawn = sparseMask([4, 12, 12, 2], 0.25, seed);
        const found = await testNulls({ ...request, mask: drawn, count: 99, models: ["shuffled", "rewired"] });
        return Object.values(found.models).map(({ statistics }) => (statistics["task-modularity"].p as number) <= 0.2);
      }),
    );
    // 8 of 40 expected, deviation 2.5; ties make it fewer.
    const low = small.flat().filter(Boolean).length;
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(22);
  });

  it("gives the same on any number of threads", async () => {
    const here = await testNulls(request);
    for (const most of [1, 3]) {
      const threads = new NullThreads(startNodeNullThread, most);
      try {
        expect(await testNulls(request, threads.measure)).toEqual(here);
        // Tickets that are asked for side by side share the threads.
        const [first, second] = await Promise.all(
          [0, 1].map((seed) => testNulls({ ...request, seed, count: 120 }, threads.measure)),
        );
        expect(first).toEqual(await testNulls({ ...request, seed: 0, count: 120 }));
        expect(second).toEqual(await testNulls({ ...request, seed: 1, count: 120 }));
      } finally {
        threads.close();
      }
    }
  });

  it("draws other nulls with another seed, and for another ticket", async () => {
    const means = async (changed: Partial<typeof request>) =>
      (await testNulls({ ...request, ...changed, models: ["shuffled"] })).models.shuffled.statistics["task-modularity"]
        .mean;
    const other = mask.clone();
    // As many weights in the layer, elsewhere.
    const [[from], [to]] = [true, false].map((kept) =>
      Array.from({ length: 20 }, (_, output) => output).filter((output) => mask.has(1, output, 5) === kept),
    );
    other.set(1, from, 5, false);
    other.set(1, to, 5, true);
    expect(other.count(1)).toBe(mask.count(1));
    const mean = await means({});
    expect(await means({})).toBe(mean);
    expect(await means({ seed: 4 })).not.toBe(mean);
    expect(await means({ mask: other })).not.toBe(mean);
  });

  const reasons = async (of: Mask, drawn: Parameters<typeof testNulls>[0]["initial"] = initial) => {
    const { models } = await testNulls({ ...request, mask: of, initial: drawn, count: 10 });
    return Object.fromEntries(Object.entries(models).map(([name, { impossible }]) => [name, impossible]));
  };

  it("says where there are no nulls but the ticket", async () => {
    const shape = [4, 2, 2];
    expect(await reasons(Mask.full(shape))).toEqual({
      shuffled: "no shuffle is possible: layer 1 is full (8 weights), layer 2 is full (4 weights)",
      rewired: "no swap is possible: layer 1 is full, layer 2 is full",
      "random-mask": "no other mask is possible: the ticket keeps every weight",
      untrained: "no other mask is possible: the ticket keeps every weight",
    });
    expect(await reasons(maskWith(shape, []))).toEqual({
      shuffled: "no shuffle is possible: layer 1 is empty, layer 2 is empty",
      rewired: "no swap is possible: layer 1 is empty, layer 2 is empty",
      "random-mask": "no other mask is possible: the ticket keeps no weight",
      untrained: "no other mask is possible: the ticket keeps no weight",
    });
    expect(await reasons(maskWith(shape, [[0, 0, 0]]), { unknown: "not known" })).toEqual({
      shuffled: undefined,
      rewired: "no swap is possible: layer 1 has one weight, layer 2 is empty",
      "random-mask": undefined,
      untrained: "not known",
    });
  });

  it("says which layers are the same in all nulls", async () => {
    const ticket = maskWith(
      [4, 2, 2],
      [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 0],
        [1, 0, 1],
        [1, 1, 0],
        [1, 1, 1],
      ],
    );
    const { models } = await testNulls({ ...request, mask: ticket, count: 10 });
    expect(models.shuffled.notes).toEqual(["layer 2 is the same in all nulls: it is full (4 weights)"]);
    expect(models.rewired.notes).toEqual(["layer 2 is the same in all nulls, no swap is possible: it is full"]);
  });

  it("refuses too many tasks or weights in words, and counts out of range", async () => {
    const many = parseTasks(Array.from({ length: 32 }, (_, task) => `t${task}:1:1`).join(","));
    const wide = await testNulls({ ...request, mask: sparseMask([32, 32], 0.5), tasks: many, count: 10 });
    expect(wide.models.rewired.impossible).toBe("32 tasks are more than the 31 that nulls are measured for");
    const large = await testNulls({
      ...request,
      mask: Mask.full([100, 100]),
      tasks: parseTasks("a:100:100"),
      count: mostNulls,
    });
    expect(large.models.rewired.impossible).toBe(
      "1,000,000 masks of 10,000 weights are more than the 200,000,000 weights that are drawn; at most 20,000 masks are possible",
    );
    for (const count of [0, -1, 1.5, Number.NaN, mostNulls + 1]) {
      await expect(testNulls({ ...request, count })).rejects.toThrow(
        `nulls ${count}: it is no number of masks from 1 to 1000000; give one, such as 10000 for p-values down to 1e-4`,
      );
    }
    await expect(testNulls({ ...request, models: ["shuffled", "none"] })).rejects.toThrow(
      /^null model "none" is not known: give/,
    );
  });

  it("tells of nulls without active weights how many are measured, and of a ticket without that it has no p", async () => {
    const { models } = await testNulls({ ...request, mask: sparseMask([4, 30, 30, 2], 0.03), count: 300 });
    const { of, p, observed } = models.shuffled.statistics.mixing;
    expect(of).toBeGreaterThan(0);
    expect(of).toBeLessThan(300);
    expect({ p, observed }).toEqual({ p: null, observed: null });
    const { separated } = models.shuffled.statistics;
    expect(separated).toMatchObject({ observed: 0, of: 300, extreme: 300, p: 1, high: 1 });
  });
});
