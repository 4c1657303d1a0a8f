import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { weightCount } from "../../../src/base/shape.ts";
import type { Device } from "../../../src/device/device.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { deviceDatasetBytes } from "../../../src/engine/shared/dataset_memory.ts";
import { DeviceExecutor } from "../../../src/engine/shared/device_executor.ts";
import type { Executor } from "../../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { PopulationSizes, planPopulation } from "../../../src/engine/tiled/population.ts";
import { TiledEngine } from "../../../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { sharedDevice } from "../../kernels/harness.ts";
import { play, type Run } from "../play.ts";
import { batch, dataset, jobOf, settings, shape } from "../small_networks.ts";

let device: Device;
const engines: Engine[] = [];
beforeAll(async () => {
  device = await sharedDevice();
});
afterAll(() => {
  for (const engine of engines) engine.close();
});

async function open(sparseUpTo: number, slots = 1, executor: Executor = new DeviceExecutor(device)): Promise<Engine> {
  const engine = await TiledEngine.open(executor, { shapes: [shape], dataset, batch, slots, sparseUpTo });
  engines.push(engine);
  return engine;
}

/** 187 weights, pruned until many of the kept ones have no path to an output. */
const runOf = (seed: number): Run => ({ shape, seed, settings, remaining: [93, 60, 30, 14, 8, 5] });

type Level = Awaited<ReturnType<typeof play>>[number];

/** The same training with other orders of sums: every step adds some roundings of f32. */
function expectAgreement(level: Level, other: Level): void {
  expect(level.training.valLoss).toBeCloseTo(other.training.valLoss, 4);
  expect(level.training.scoreSums).toEqual(other.training.scoreSums);
  level.values.forEach((w, k) => {
    expect(Math.abs(w - other.values[k])).toBeLessThan(2e-3);
  });
  expect(level.words).toEqual(other.words);
}

describe("the sparse kernels", () => {
  it("train like the dense ones from the mask of every level of a run, whatever share of it is theirs", async () => {
    const dense = await play(await open(0), runOf(7));
    for (const [sparseUpTo, from] of [
      [1, 0],
      [0.4, 2],
    ]) {
      const engine = await open(sparseUpTo);
      for (const [index, level] of dense.entries()) {
        const run = { ...runOf(7), remaining: runOf(7).remaining.slice(0, index + 1) };
        const mask = index > 0 ? new Mask(shape, dense[index - 1].words) : undefined;
        const [own] = await play(engine, run, index, mask);
        expect(own.kernels).toBe(index < from ? "dense" : "sparse");
        if (index < from) expect(own).toEqual(level);
        else expectAgreement(own, level);
      }
    }
    expect(dense.every(({ kernels }) => kernels === "dense")).toBe(true);
  });

  it("train beside dense networks and networks with other edges to the bytes that each has alone", async () => {
    // Seeds 1 to 4 share two slots, so that some are dense while others are sparse.
    const together = await open(0.4, 2);
    const all = await Promise.all([1, 2, 3, 4].map((seed) => play(together, runOf(seed))));
    const alone = await open(0.4);
    for (const [index, levels] of all.entries()) expect(await play(alone, runOf(index + 1))).toEqual(levels);
  });

  it("train like their twins", async () => {
    const [device, twins] = [
      await play(await open(1), runOf(3)),
      await play(await open(1, 1, new TwinExecutor()), runOf(3)),
    ];
    device.forEach((level, i) => {
      expectAgreement(level, twins[i]);
    });
  });
});

describe("networks of several shapes in one population", () => {
  const shapes = [shape, [4, 70, 33, 2], [4, 5, 40, 2]];
  /** Dense, then sparse, then few weights; the shapes prune at other epochs than each other. */
  const mixed: Run[] = shapes.flatMap((own, index) => {
    const weights = weightCount(own);
    const remaining = [0.5, 0.3, 0.1].map((share) => Math.round(weights * share));
    const keep = index === 1 ? "best" : "last";
    return [1, 2].map((seed) => ({
      shape: own,
      seed,
      settings: { ...settings, keep, maxEpochs: 3 + index + seed, patience: 9, weightDecay: index === 2 ? 0.2 : 0 },
      remaining,
    }));
  });
  const plan = { shapes, dataset, batch, sparseUpTo: 0.4 };

  async function alone(run: Run) {
    const engine = await TiledEngine.open(new DeviceExecutor(device), { ...plan, shapes: [run.shape], slots: 1 });
    engines.push(engine);
    return play(engine, run);
  }

  it("train to the bytes that each has alone, all at once or with too little memory for that", async () => {
    const expected = [];
    for (const run of mixed) expected.push(await alone(run));
    expect(new Set(expected.flat().map(({ kernels }) => kernels))).toEqual(new Set(["dense", "sparse"]));
    const sizes = new PopulationSizes({ ...plan, slots: 1 });
    // Room for the largest network and the smallest one.
    const [small, large] = [shapes[0], shapes[1]].map((own) => sizes.capacity(own));
    const memory = Object.fromEntries(
      Object.keys(large).map((name) => [name, Math.max(large[name], sizes.memory[name]) + small[name]]),
    );
    for (const room of [{ slots: 6 }, { slots: 5, memory }]) {
      const engine = await TiledEngine.open(new DeviceExecutor(device), { ...plan, ...room });
      engines.push(engine);
      const together = await Promise.all(mixed.map((run) => play(engine, run)));
      for (const [index, levels] of together.entries()) expect(levels, `run ${index}`).toEqual(expected[index]);
    }
  });

  it("keep their best epochs in memory that networks had before which have ended", async () => {
    const wild = { ...settings, keep: "best", lr: 0.3, maxEpochs: 40, patience: 8 } as const;
    const alone = await (await open(0)).train(jobOf(4, { settings: wild }));
    expect(alone.training.keptStep).toBeLessThan(alone.training.steps);
    const engine = await open(0, 3);
    const best = { ...settings, keep: "best" } as const;
    const first = engine.train(jobOf(1, { settings: { ...best, maxEpochs: 1 } }));
    const second = engine.train(jobOf(2, { settings: { ...best, maxEpochs: 2 } }));
    const long = engine.train(jobOf(3, { settings: { ...settings, maxEpochs: 80, patience: 80 } }));
    // The next level has the slot of the second network and the memory of the first.
    (await first).release();
    (await second).release();
    const next = await engine.train(jobOf(4, { settings: wild }));
    expect(next.training).toEqual(alone.training);
    expect((await next.weights()).values).toEqual((await alone.weights()).values);
    expect((await long).training.epochs).toBe(80);
  });

  it("train like their twins", async () => {
    const open = async (executor: Executor) => {
      const engine = await TiledEngine.open(executor, { ...plan, slots: 3 });
      engines.push(engine);
      return Promise.all([mixed[0], mixed[2], mixed[4]].map((run) => play(engine, run)));
    };
    const [own, twins] = [await open(new DeviceExecutor(device)), await open(new TwinExecutor())];
    own.forEach((levels, run) => {
      levels.forEach((level, i) => {
        expectAgreement(level, twins[run][i]);
      });
    });
  });

  it("have the same number of layers, inputs and outputs", async () => {
    const refused = TiledEngine.open(new TwinExecutor(), { ...plan, shapes: [shape, [4, 13, 2]], slots: 1 });
    await expect(refused).rejects.toThrow("a tiled population of (4,13,9,2) and (4,13,2)");
    const engine = await open(0);
    await expect(engine.train(jobOf(0, { start: initialParameters([4, 5, 9, 2], 0) }))).rejects.toThrow(
      "seed 0: shape (4,5,9,2) is not in the plan",
    );
  });

  it("is planned by the need of each: as many networks as fit, the largest first, at least one", () => {
    const network = { dataset, batch, sparseUpTo: 0.4 };
    const counts = shapes.map((own) => ({ shape: own, count: 3 }));
    const all = planPopulation(network, counts);
    const sizes = new PopulationSizes(all.plan);
    expect(all.plan.slots).toBe(9);
    const needs = shapes.map((own) => sizes.capacity(own));
    for (const [name, count] of Object.entries(sizes.memory)) {
      expect(count, name).toBe(needs.reduce((sum, need) => sum + 3 * need[name], 0));
    }
    const bytes = Object.values(sizes.bytes()).reduce((sum, size) => sum + size, deviceDatasetBytes(dataset));
    expect(all.memoryBytes).toBe(bytes);

    const fewer = planPopulation(network, counts, all.memoryBytes - 1);
    expect(fewer.plan.slots).toBe(8);
    expect(fewer.memoryBytes).toBeLessThan(all.memoryBytes);
    expect(fewer.plan.memory?.parameters).toBe(sizes.memory.parameters - needs[0].parameters);
    const one = planPopulation(network, counts, 0);
    expect(one.plan.slots).toBe(1);
    expect(one.plan.memory).toEqual(new PopulationSizes({ ...network, shapes, slots: 1 }).memory);
  });
});
