import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Device } from "../../../src/device/device.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { DeviceExecutor } from "../../../src/engine/shared/device_executor.ts";
import type { Executor } from "../../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { gpuInstance } from "../../kernels/harness.ts";
import { play, type Run } from "../play.ts";
import { batch, dataset, settings, shape } from "../small_networks.ts";

let device: Device;
const engines: Engine[] = [];
beforeAll(async () => {
  device = await Device.open(gpuInstance());
});
afterAll(() => {
  for (const engine of engines) engine.close();
  device.destroy();
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
