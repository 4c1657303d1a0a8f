import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../../src/device/device.ts";
import { AdapterEngine } from "../../../src/engine/adapter/adapter_engine.ts";
import type { AskedKernels } from "../../../src/engine/adapter/cost.ts";
import { type AdapterPlan, planAdapterEngine } from "../../../src/engine/adapter/plan.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { deviceDatasetBytes } from "../../../src/engine/shared/dataset_memory.ts";
import { DeviceExecutor } from "../../../src/engine/shared/device_executor.ts";
import type { DataBuffer } from "../../../src/engine/shared/executor.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import type { Parameters } from "../../../src/network/parameters.ts";
import { maskedParameters } from "../../../src/pruning/masked.ts";
import { sharedDevice } from "../../kernels/harness.ts";
import { play, type Run } from "../play.ts";
import { dataset, jobOf, settings, shape } from "../small_networks.ts";

/** The kind and lanes that the device reports. */
const adapter = { kind: "software", lanes: 8, workgroupBytes: 16384 } as const;

let device: Device;
const engines: Engine[] = [];
beforeAll(async () => {
  device = await sharedDevice();
});
afterAll(() => {
  for (const engine of engines) engine.close();
});

/** So low that a network of 187 weights crosses both limits: sparse at 74 edges or fewer, resident at 24 or fewer. */
const crossover = { sparseUpTo: 0.4, residentMostWork: 88 * 64 };
const low = { software: crossover, gpu: crossover };

const run: Run = { shape, seed: 7, settings, remaining: [93, 60, 30, 14, 8, 5] };

function planFor(runs: readonly Run[], asked: AskedKernels = "auto"): AdapterPlan {
  const networks = runs.map((one) => ({ shape: one.shape, batch: one.settings.batch }));
  return planAdapterEngine({ networks, dataset }, asked, low);
}

function open(runs: readonly Run[], asked?: AskedKernels): Engine {
  const engine = new AdapterEngine(new DeviceExecutor(device), planFor(runs, asked), adapter, 2);
  engines.push(engine);
  return engine;
}

/** An executor that counts its allocated bytes. */
class CountingExecutor extends DeviceExecutor {
  liveBytes = 0;
  mostBytes = 0;
  tiledPopulations = 0;

  override createBuffer(label: string, sizeBytes: number): DataBuffer {
    if (label === "moments") this.tiledPopulations++;
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
    const levels = await play(open([run]), run);
    expect(levels.map(({ kernels }) => kernels)).toEqual([
      "dense",
      "dense",
      "sparse",
      "sparse",
      "resident",
      "resident",
    ]);
    const tiled = await play(open([run], "tiled"), run);
    expect(tiled.map(({ kernels }) => kernels)).toEqual(["dense", "dense", "sparse", "sparse", "sparse", "sparse"]);
    let previous = Mask.full(shape);
    levels.forEach(({ training, values, words }, level) => {
      const mask = new Mask(shape, words);
      expect(mask.count()).toBe(run.remaining[level]);
      expect(mask.isSubsetOf(previous)).toBe(true);
      previous = mask;
      expect(words).toEqual(tiled[level].words);
      expect(training.valLoss).toBeCloseTo(tiled[level].training.valLoss, 4);
      expect(training.scoreSums).toEqual(tiled[level].training.scoreSums);
      // 18 Adam steps of 0.01: see engines.test.ts.
      values.forEach((w, k) => {
        expect(Math.abs(w - tiled[level].values[k])).toBeLessThan(2e-3);
      });
    });
  });

  it("offers its weights while it trains, by whatever kernels", async () => {
    const levels = await play(open([run]), run);
    const engine = open([run]);
    let mask = Mask.full(shape);
    for (const [level, { kernels, training, values, words }] of levels.entries()) {
      const job = jobOf(run.seed, { level, mask });
      const early: Promise<Parameters>[] = [];
      const trained = await engine.train(job, { begun: ({ weights }) => early.push(weights()) });
      expect(trained.training).toEqual({ kernels, ...training });
      expect((await trained.weights()).values).toEqual(values);
      trained.release();
      const [seen] = await Promise.all(early);
      const start = maskedParameters(job.start, mask);
      for (let layer = 0; layer < shape.length - 1; layer++) {
        const isKept = Array.from(seen.weights(layer), (w) => w !== 0);
        expect(isKept).toEqual(Array.from(start.weights(layer), (w) => w !== 0));
      }
      mask = new Mask(shape, words);
    }
  });

  it("goes on to the same bytes from any of its levels, as a run does that was interrupted", async () => {
    const levels = await play(open([run]), run);
    for (const from of [1, 2, 4]) {
      const mask = new Mask(shape, levels[from - 1].words.slice());
      expect(await play(open([run]), run, from, mask), `from level ${from}`).toEqual(levels.slice(from));
    }
  });

  it.each(["dense", "sparse", "resident"] as const)("stays with %s kernels where that is asked for", async (asked) => {
    const short = { ...run, remaining: [93, 14, 8] };
    const engine = open([short], asked);
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

  /** The engine with memory for one tiled population at a time and one resident network. */
  function cramped(executor: DeviceExecutor): AdapterEngine {
    const plan = planFor(runs);
    const dataBytes = deviceDatasetBytes(dataset);
    const tiledBytes = Math.max(...plan.sizes.map(({ tiled }) => (tiled ? tiled.memoryBytes - dataBytes : 0)));
    const resident = plan.resident && { ...plan.resident, plan: { ...plan.resident.plan, slots: 1 } };
    return new AdapterEngine(executor, { ...plan, tiledBytes, resident }, adapter, 2);
  }

  it("train to the bytes that each has alone, in whatever order they find room", async () => {
    const executor = new CountingExecutor(device);
    const engine = cramped(executor);
    const together = await Promise.all(runs.map((one) => play(engine, one)));
    const { tiledBytes, resident } = engine.plan;
    expect(executor.mostBytes).toBeLessThanOrEqual(tiledBytes + (resident?.memoryBytes ?? 0));
    expect(new Set(together.flat().map(({ kernels }) => kernels))).toEqual(new Set(["dense", "sparse", "resident"]));
    for (const [index, one] of runs.entries()) {
      const alone = new AdapterEngine(new DeviceExecutor(device), planFor([one]), adapter, 2);
      expect(await play(alone, one), `run ${index}`).toEqual(together[index]);
    }
  });

  it("never take more memory than was planned", async () => {
    const executor = new CountingExecutor(device);
    const plan = planFor(runs);
    const engine = new AdapterEngine(executor, plan, adapter, 2);
    await Promise.all(runs.map((one) => play(engine, one)));
    expect(executor.mostBytes).toBeLessThanOrEqual(plan.deviceBytes);
    expect(executor.mostBytes).toBeGreaterThan(plan.deviceBytes / 2);
  });

  it("refuses networks that were not planned for", async () => {
    const engine = new AdapterEngine(new DeviceExecutor(device), planFor([run]), adapter, 2);
    const other = jobOf(0, { start: initialParameters([4, 5, 2], 0) });
    await expect(engine.train(other)).rejects.toThrow("seed 0: shape (4,5,2) is not in the plan");
    const larger = jobOf(0, { settings: { ...settings, batch: 65 } });
    await expect(engine.train(larger)).rejects.toThrow("seed 0: batch 65 is not in the plan for shape (4,13,9,2)");
  });

  it("closes an idle tiled population only where another needs its memory", async () => {
    const executor = new CountingExecutor(device);
    const engine = cramped(executor);
    const opened = () => executor.tiledPopulations;
    const dense = { ...run, remaining: [93] };
    await play(engine, dense);
    await play(engine, dense);
    expect(opened()).toBe(1);
    await play(engine, { ...runs[2], remaining: [70] });
    expect(opened()).toBe(2);
    await play(engine, dense);
    expect(opened()).toBe(3);
    expect(executor.mostBytes).toBeLessThanOrEqual(engine.plan.tiledBytes + deviceDatasetBytes(dataset));
  });
});
