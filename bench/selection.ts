import { spreadOf } from "../src/benchmark/statistics.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import type { Device } from "../src/device/device.ts";
import { uploadDataset } from "../src/engine/shared/dataset_memory.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { Memory } from "../src/engine/shared/memory.ts";
import { Population, PopulationSizes } from "../src/engine/tiled/population.ts";
import { selectionKernels, selectOnDevice } from "../src/engine/tiled/ranking.ts";
import { Mask } from "../src/mask/mask.ts";
import { extendedShape } from "../src/network/extension.ts";
import { initialParameters } from "../src/network/initial.ts";
import { magnitude } from "../src/pruning/criteria/magnitude.ts";

/** Pruning of the largest network of the thesis' first chapter: exact selection, write of the next mask, read-back. */
export async function benchSelection(device: Device): Promise<string[]> {
  const shape = extendedShape([4, 8, 8, 2], 0.32, 25);
  const executor = new DeviceExecutor(device);
  await executor.load(selectionKernels(magnitude));
  const dataset = moonsCircles(0);
  const sizes = new PopulationSizes({ shapes: [shape], dataset, batch: 64, slots: 1 });
  const population = new Population(executor, sizes, uploadDataset(executor, dataset));
  try {
    const initial = initialParameters(shape, 0);
    const full = Mask.full(shape);
    const remaining = Math.round(full.size * 0.68);
    const magnitudes = Array.from({ length: shape.length - 1 }, (_, layer) => initial.weights(layer))
      .flatMap((weights) => Array.from(weights, Math.abs))
      .sort((a, b) => a - b);
    const threshold = magnitudes[full.size - remaining];
    const place = await new Memory(sizes.memory).take(sizes.capacity(shape), 0);
    executor.write(population.buffer("parameters"), initial.values);
    const times: number[] = [];
    for (let trial = 0; trial < 6; trial++) {
      await executor.read(population.buffer("mask"), 0, 16);
      const startedAt = performance.now();
      const level = { start: initial, mask: full, seed: 0, level: 0 };
      selectOnDevice(population, { slot: 0, shape, place }, level, magnitude, { keep: remaining });
      const words = new Uint32Array(await executor.read(population.buffer("mask"), 0, full.words.byteLength));
      // The first trial includes compilation on adapters that compile kernels at first use.
      if (trial > 0) times.push(performance.now() - startedAt);
      const mask = new Mask(shape, words);
      const prunedAbove = Array.from(initial.weights(0)).some(
        (w, i) => Math.abs(w) >= threshold !== mask.has(0, Math.floor(i / shape[0]), i % shape[0]),
      );
      if (mask.count() !== remaining || prunedAbove) throw new Error("the selection is not exact: nothing was timed");
    }
    const { median, lowest } = spreadOf(times);
    return [
      `selection of ${full.size} weights, exact, mask read back: median ${median.toFixed(1)} ms, lowest ${lowest.toFixed(1)} ms (to reach: 100 ms)`,
    ];
  } finally {
    executor.destroy();
  }
}
