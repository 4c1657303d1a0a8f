import { describe, expect, it } from "vitest";
import { columnList } from "../../src/base/columns.ts";
import { RandomStream } from "../../src/base/random.ts";
import { combination, dependsOnAll, subFunction } from "../../src/dataset/boolean_functions.ts";
import type { Split } from "../../src/dataset/dataset.ts";
import { type DatasetRequest, datasetOutline, loadDataset } from "../../src/dataset/load.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";

const load = (options: Partial<DatasetRequest> = {}) =>
  loadDataset({ dataset: "boolean", dataSeed: 0, ...options }, nodeDatasetAccess());

/** The value of each output by the number that the inputs of a sample make, input 0 being the highest bit. */
function tableOf({ samples, features, labels }: Split, bits: number, tasks: number): number[][] {
  const table: number[][] = [];
  for (let sample = 0; sample < samples; sample++) {
    const input = [...features.subarray(sample * bits, (sample + 1) * bits)].reduce((sum, bit) => 2 * sum + bit, 0);
    table[input] = Array.from({ length: tasks }, (_, task) => labels[task * samples + sample]);
  }
  return table;
}

const graphs = ["independent", "shared", "hierarchical"] as const;

describe.each(graphs)("graph=%s", (graph) => {
  it("each output depends on the inputs of its task and on no other", async () => {
    for (const [bits, dataSeed] of [
      [6, 0],
      [6, 1],
      [12, 2],
    ]) {
      const dataset = await load({ graph, bits, dataSeed });
      expect(datasetOutline({ dataset: "boolean", graph, bits })).toEqual({ tasks: dataset.tasks, coverage: "output" });
      const table = tableOf(dataset.validation, bits, dataset.outputs);
      expect(table).toHaveLength(2 ** bits);
      dataset.tasks.forEach((task, output) => {
        const needed = Array.from({ length: bits }, (_, bit) => bit).filter((bit) =>
          table.some((row, input) => row[output] !== table[input ^ (1 << (bits - 1 - bit))][output]),
        );
        expect(needed).toEqual(columnList(task.inputs));
      });
    }
  });

  it("has all inputs as often, at least 1,000 samples to train, and all once to validate", async () => {
    const { train, validation, mean, scale } = await load({ graph });
    expect([train.samples, validation.samples]).toEqual([1024, 64]);
    const tasks = train.labels.length / train.samples;
    expect(tableOf(train, 6, tasks)).toEqual(tableOf(validation, 6, tasks));
    for (let sample = 64; sample < 1024; sample++) {
      expect(train.features.slice(sample * 6, sample * 6 + 6)).toEqual(
        train.features.slice((sample % 64) * 6, (sample % 64) * 6 + 6),
      );
    }
    expect([...mean, ...scale]).toEqual([...Array(6).fill(0.5), ...Array(6).fill(2)]);
    const large = await load({ graph, bits: 12 });
    expect([large.train.samples, large.validation.samples]).toEqual([4096, 4096]);
  });

  it("same seed, same bytes; another seed, other functions", async () => {
    expect(await load({ graph, dataSeed: 5 })).toEqual(await load({ graph, dataSeed: 5 }));
    const labels = await Promise.all([5, 6].map(async (dataSeed) => (await load({ graph, dataSeed })).train.labels));
    expect(labels[0]).not.toEqual(labels[1]);
  });
});

it("two outputs use one sub-function: for given other inputs, an output splits the shared inputs as the other does", async () => {
  for (let dataSeed = 0; dataSeed < 10; dataSeed++) {
    const table = tableOf((await load({ graph: "shared", dataSeed })).validation, 6, 2);
    // Bits 2 and 3 are shared: y0 as a function of them, with bits 0 and 1 given, and y1 with bits 4 and 5 given.
    const splits = [0, 1].flatMap((output) =>
      [0, 1, 2, 3].map((other) =>
        [0, 1, 2, 3].map((shared) => table[(output === 0 ? other << 4 : other) | (shared << 2)][output]).join(""),
      ),
    );
    const halves = [...new Set(splits.filter((split) => /0.*1|1.*0/.test(split)))];
    const mirrored = (text: string) => [...text].map((bit) => 1 - Number(bit)).join("");
    expect(halves.every((split) => split === halves[0] || split === mirrored(halves[0]))).toBe(true);
  }
});

it("the output above is a function of the two below", async () => {
  for (let dataSeed = 0; dataSeed < 10; dataSeed++) {
    const table = tableOf((await load({ graph: "hierarchical", dataSeed })).validation, 6, 3);
    const above = new Map(table.map(([a, b, c]) => [`${a}${b}`, c]));
    for (const [a, b, c] of table) expect(c).toBe(above.get(`${a}${b}`));
  }
});

it("sub-functions are 1 for half of their inputs; ten functions combine two bits", () => {
  for (let seed = 0; seed < 50; seed++) {
    const table = subFunction(3, new RandomStream(seed, "datasetPoints"));
    expect([table.reduce((sum, value) => sum + value, 0), dependsOnAll(table)]).toEqual([4, true]);
  }
  const drawn = Array.from({ length: 300 }, (_, seed) => combination(new RandomStream(seed, "datasetPoints")).join(""));
  expect(new Set(drawn).size).toBe(10);
  expect(dependsOnAll(Uint8Array.of(0, 0, 1, 1))).toBe(false);
});

it.each<[Partial<DatasetRequest>, string]>([
  [{ graph: "shared", bits: 8 }, "bits 8 cannot be divided among the 3 functions of graph=shared: give bits=6 or 9"],
  [{ bits: 11 }, "bits 11 cannot be divided among the 2 functions of graph=independent: give bits=10 or 12"],
  [{ graph: "shared", bits: 4 }, "bits 4 cannot be divided among the 3 functions of graph=shared: give bits=6"],
  [{ bits: 14 }, "bits 14 does not fit (Too big: expected number to be <=12): give an integer from 4 to 12"],
  [{ graph: "tree" as "shared" }, "give a graph: independent, shared, hierarchical"],
  [
    { curves: "circles+moons" },
    'curves: "circles+moons" does not apply to the dataset boolean, which takes graph, bits; remove it',
  ],
])("%j is refused", async (options, message) => {
  await expect(load(options)).rejects.toThrow(message);
});
