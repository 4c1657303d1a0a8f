import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Device } from "../../../src/device/device.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { DeviceExecutor } from "../../../src/engine/shared/device_executor.ts";
import type { Executor } from "../../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../../src/engine/tiled/tiled_engine.ts";
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
  const engine = await TiledEngine.open(executor, { shape, dataset, batch, slots, sparseUpTo });
  engines.push(engine);
  return engine;
}

/** 187 weights, pruned until many of the kept ones have no path to an output. */
const runOf = (seed: number): Run => ({ shape, seed, settings, remaining: [93, 60, 30, 14, 8, 5] });

const withoutKernels = (levels: Awaited<ReturnType<typeof play>>) => levels.map(({ kernels: _, ...rest }) => rest);

describe("the sparse kernels", () => {
  it("train to the very bytes of the dense ones over a whole run, whatever share of it is theirs", async () => {
    const dense = await play(await open(0), runOf(7));
    for (const [sparseUpTo, from] of [
      [1, 0],
      [0.4, 2],
    ]) {
      const levels = await play(await open(sparseUpTo), runOf(7));
      expect(levels.map(({ kernels }) => kernels)).toEqual(levels.map((_, i) => (i < from ? "dense" : "sparse")));
      expect(withoutKernels(levels)).toEqual(withoutKernels(dense));
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
    device.forEach(({ training, values, words }, i) => {
      expect(training.valLoss).toBeCloseTo(twins[i].training.valLoss, 4);
      expect(training.scoreSums).toEqual(twins[i].training.scoreSums);
      values.forEach((w, k) => {
        expect(Math.abs(w - twins[i].values[k])).toBeLessThan(2e-3);
      });
      expect(words).toEqual(twins[i].words);
    });
  });
});
