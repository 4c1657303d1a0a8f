import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatShape, type Shape } from "../../../src/base/shape.ts";
import { Device } from "../../../src/device/device.ts";
import { AdapterEngine } from "../../../src/engine/adapter/adapter_engine.ts";
import { type AdapterPlan, chooseAdapterEngine, openAdapterEngine } from "../../../src/engine/adapter/choose.ts";
import type { AskedKernels } from "../../../src/engine/adapter/cost.ts";
import type { Engine, LevelSettings } from "../../../src/engine/engine.ts";
import { deviceDatasetBytes } from "../../../src/engine/shared/dataset_memory.ts";
import type { DataBuffer } from "../../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { rewoundParameters } from "../../../src/pruning/masked.ts";
import { gpuInstance } from "../../kernels/harness.ts";
import { batch, dataset, settings, shape } from "../small_networks.ts";

/** What the twins pass for. */
const adapter = { kind: "software", lanes: 8 } as const;

let device: Device;
const engines: Engine[] = [];
beforeAll(async () => {
  device = await Device.open(gpuInstance());
});
afterAll(() => {
  for (const engine of engines) engine.close();
  device.destroy();
});

/** So low that a network of 187 weights crosses both seams: sparse from 74 edges on, resident from 24. */
const crossover = { sparseUpTo: 0.4, residentMostWork: 88 * 64 };
const low = { software: crossover, gpu: crossover };

interface Run {
  readonly shape: Shape;
  readonly seed: number;
  readonly settings: LevelSettings;
  /** Weights left after each level. */
  readonly remaining: readonly number[];
}
const run: Run = { shape, seed: 7, settings: { ...settings, batch }, remaining: [93, 60, 30, 14, 8, 5] };

function planFor(runs: readonly Run[], asked: AskedKernels = "auto"): AdapterPlan {
  const networks = runs.map((one) => ({ shape: one.shape, batch: one.settings.batch ?? batch }));
  return chooseAdapterEngine({ networks, dataset }, asked, low);
}

async function open(runs: readonly Run[], asked?: AskedKernels): Promise<Engine> {
  const engine = await openAdapterEngine(planFor(runs, asked), device, 2);
  engines.push(engine);
  return engine;
}

/** A whole run, or its levels from some level on with the mask of that level: training, weights and next mask of each. */
async function play(engine: Engine, { shape, seed, settings, remaining }: Run, from = 0, mask = Mask.full(shape)) {
  const initial = initialParameters(shape, seed);
  const network = await engine.admit({ label: `seed ${seed}`, seed, initial, mask });
  const levels = [];
  for (let level = from; level < remaining.length; level++) {
    const { kernels, ...training } = await network.train(level, settings);
    const { values } = await network.weights();
    const selection = { remaining: remaining[level], scope: "global", criterion: "magnitude" } as const;
    const { words } = await network.prune(selection, level + 1);
    levels.push({ kernels, training, values, words });
  }
  network.release();
  return levels;
}

/** Twins that count the memory in use. */
class CountingExecutor extends TwinExecutor {
  liveBytes = 0;
  mostBytes = 0;

  override createBuffer(label: string, sizeBytes: number): DataBuffer {
    this.liveBytes += sizeBytes;
    this.mostBytes = Math.max(this.mostBytes, this.liveBytes);
    return super.createBuffer(label, sizeBytes);
  }

  override free(buffer: DataBuffer): void {
    this.liveBytes -= buffer.sizeBytes;
    super.free(buffer);
  }
}

describe("a run that goes from dense to sparse to resident kernels", () => {
  it("is the run of the tiled kernels within rounding: the same masks, nested and of exact counts", async () => {
    const levels = await play(await open([run]), run);
    expect(levels.map(({ kernels }) => kernels)).toEqual([
      "dense",
      "dense",
      "sparse",
      "sparse",
      "resident",
      "resident",
    ]);
    const tiled = await play(await open([run], "tiled"), run);
    expect(tiled.map(({ kernels }) => kernels)).toEqual(["dense", "dense", "sparse", "sparse", "sparse", "sparse"]);
    let previous = Mask.full(shape);
    levels.forEach(({ training, values, words }, level) => {
      const mask = new Mask(shape, words);
      expect(mask.count()).toBe(run.remaining[level]);
      expect(mask.isSubsetOf(previous)).toBe(true);
      previous = mask;
      expect(words).toEqual(tiled[level].words);
      expect(training.valLoss).toBeCloseTo(tiled[level].training.valLoss, 4);
      expect(training.correct).toEqual(tiled[level].training.correct);
      // 18 Adam steps of 0.01: see engines.test.ts.
      values.forEach((w, k) => {
        expect(Math.abs(w - tiled[level].values[k])).toBeLessThan(2e-3);
      });
    });
  });

  it("tells its weights wherever it trains, and while it moves", async () => {
    const levels = await play(await open([run]), run);
    const initial = initialParameters(shape, run.seed);
    const network = await (await open([run])).admit({
      label: "seed 7",
      seed: run.seed,
      initial,
      mask: Mask.full(shape),
    });
    let mask = Mask.full(shape);
    for (const [level, remaining] of run.remaining.entries()) {
      const training = network.train(level, run.settings);
      const early = await network.weights();
      expect({ ...(await training) }).toMatchObject(levels[level].training);
      expect((await network.weights()).values).toEqual(levels[level].values);
      const atStart = rewoundParameters(initial, mask);
      expect(early.values.every(Number.isFinite)).toBe(true);
      for (let layer = 0; layer < shape.length - 1; layer++) {
        const kept = (w: number) => w !== 0;
        expect(
          early
            .weights(layer)
            .map(Number)
            .every((w, at) => kept(w) === kept(atStart.weights(layer)[at])),
        ).toBe(true);
      }
      mask = await network.prune({ remaining, scope: "global", criterion: "magnitude" }, level + 1);
    }
  });

  it("goes on to the same bytes from any of its levels, as a run does that was interrupted", async () => {
    const levels = await play(await open([run]), run);
    for (const from of [1, 2, 4]) {
      const mask = new Mask(shape, levels[from - 1].words.slice());
      expect(await play(await open([run]), run, from, mask), `from level ${from}`).toEqual(levels.slice(from));
    }
  });

  it.each(["dense", "sparse", "resident"] as const)("stays with %s kernels where that is asked for", async (asked) => {
    const short = { ...run, remaining: [93, 14, 8] };
    const engine = await open([short], asked);
    expect(engine.name).toBe(asked);
    expect((await play(engine, short)).map(({ kernels }) => kernels)).toEqual([asked, asked, asked]);
  });
});

describe("networks of several shapes and batches on one adapter", () => {
  const runs: Run[] = [
    run,
    { ...run, seed: 8 },
    { shape: [4, 30, 2], seed: 1, settings: { ...settings, batch: 32, maxEpochs: 3 }, remaining: [70, 40, 12] },
    { shape, seed: 2, settings: { ...settings, batch: 128 }, remaining: [60, 20, 6] },
    { shape: [4, 3, 2], seed: 3, settings: { ...settings, batch: 16, optimizer: "sgd" }, remaining: [9, 4] },
    { shape: [4, 30, 2], seed: 4, settings: { ...settings, batch: 32, keep: "best" }, remaining: [100, 50] },
  ];

  /** The engine on twins, with memory for one tiled population at a time and one resident network. */
  function cramped(executor: TwinExecutor): AdapterEngine {
    const plan = planFor(runs);
    const dataBytes = deviceDatasetBytes(dataset);
    const tiledBytes = Math.max(...plan.sizes.map(({ tiled }) => (tiled ? tiled.memoryBytes - dataBytes : 0)));
    const resident = plan.resident && { ...plan.resident, plan: { ...plan.resident.plan, slots: 1 } };
    return new AdapterEngine(executor, { ...plan, tiledBytes, resident }, adapter, 2);
  }

  it("train to the bytes that each has alone, in whatever order they find room", async () => {
    const executor = new CountingExecutor();
    const engine = cramped(executor);
    const together = await Promise.all(runs.map((one) => play(engine, one)));
    const { tiledBytes, resident } = engine.plan;
    expect(executor.mostBytes).toBeLessThanOrEqual(tiledBytes + (resident?.memoryBytes ?? 0));
    expect(new Set(together.flat().map(({ kernels }) => kernels))).toEqual(new Set(["dense", "sparse", "resident"]));
    for (const [index, one] of runs.entries()) {
      const alone = new AdapterEngine(new TwinExecutor(), planFor([one]), adapter, 2);
      expect(await play(alone, one), `run ${index}`).toEqual(together[index]);
    }
  });

  it("never take more memory than was planned, and give back that of populations that are done", async () => {
    const executor = new CountingExecutor();
    const plan = planFor(runs);
    const engine = new AdapterEngine(executor, plan, adapter, 2);
    await Promise.all(runs.map((one) => play(engine, one)));
    expect(executor.mostBytes).toBeLessThanOrEqual(plan.memoryBytes);
    expect(executor.mostBytes).toBeGreaterThan(plan.memoryBytes / 2);
    await new Promise((resolve) => setTimeout(resolve));
    expect(executor.liveBytes).toBe(plan.memoryBytes - plan.tiledBytes);
  });

  it("refuses networks that were not planned for", async () => {
    const engine = new AdapterEngine(new TwinExecutor(), planFor([run]), adapter, 2);
    const other = [4, 5, 2];
    const start = { label: "seed 0", seed: 0, initial: initialParameters(other, 0), mask: Mask.full(other) };
    await expect(engine.admit(start)).rejects.toThrow(`seed 0: shape ${formatShape(other)} is none of the plan's`);
    const network = await engine.admit({ ...start, initial: initialParameters(shape, 0), mask: Mask.full(shape) });
    await expect(network.train(0, { ...settings, batch: 65 })).rejects.toThrow(
      "seed 0: batch 65 is none of the plan's for shape (4,13,9,2)",
    );
  });
});
