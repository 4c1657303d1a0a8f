import { StructArray } from "../src/base/struct_array.ts";
import { nodeDatasetAccess } from "../src/dataset/node.ts";
import { openNodeDevice } from "../src/device/node.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { Memory } from "../src/engine/shared/memory.ts";
import { planPopulation } from "../src/engine/tiled/population.ts";
import { prepareProgram } from "../src/engine/tiled/program.ts";
import { selectionKernels, selectOnDevice } from "../src/engine/tiled/ranking.ts";
import { TiledEngine } from "../src/engine/tiled/tiled_engine.ts";
import { openDataset } from "../src/lottery/dataset.ts";
import { preset } from "../src/lottery/presets.ts";
import { resolveSpec } from "../src/lottery/spec.ts";
import { Mask } from "../src/mask/mask.ts";
import { initialParameters } from "../src/network/initial.ts";
import { magnitude } from "../src/pruning/criteria/magnitude.ts";

/**
 * Peak memory of this process for MNIST-Fashion at full size: the dataset, a network of (1568,784,392,20) on the
 * device, one optimiser step, one validation, one pruning. Should run in its own process; with a software adapter, the
 * peak includes the device's memory.
 */
export async function benchMemory(): Promise<string[]> {
  const { spec } = resolveSpec(preset("mnist-fashion"), "mnist-fashion");
  const dataset = await openDataset(spec, nodeDatasetAccess());
  const { plan, memoryBytes, largestBindingBytes } = planPopulation({ dataset, batch: spec.batch }, [
    { shape: spec.shape, count: 1 },
  ]);
  const device = await openNodeDevice({ largestBindingBytes });
  const engine = await TiledEngine.open(new DeviceExecutor(device), plan);
  try {
    const { executor, sizes } = engine.population;
    const start = initialParameters(spec.shape, 0);
    const mask = Mask.full(spec.shape);
    const place = await new Memory(sizes.memory).take(sizes.capacity(spec.shape), 0);
    const network = { slot: 0, shape: spec.shape, place };
    engine.population.place(network, start.values, mask);
    // One step instead of an epoch, which takes minutes on a software adapter.
    const running = new StructArray(sizes.networkStruct, new ArrayBuffer(sizes.networkStruct.sizeBytes));
    running.set(0, "running", 1);
    running.set(0, "learningRate", spec.lr);
    executor.write(engine.population.buffer("networks"), new Uint8Array(running.bytes));
    const startedAt = performance.now();
    const program = prepareProgram(engine.population, engine.fixed, [
      { ...network, keepsBest: false, edges: undefined },
    ]);
    executor.run(program.step);
    await executor.read(engine.population.buffer("parameters"), 0, start.values.byteLength);
    const stepMs = performance.now() - startedAt;
    executor.run(program.evaluation);
    await executor.load(selectionKernels(magnitude));
    const level = { start, mask, seed: 0, level: 0 };
    selectOnDevice(engine.population, network, level, magnitude, { keep: spec.remaining[1] });
    await executor.read(engine.population.buffer("mask"), 0, mask.words.byteLength);
    const peak = process.resourceUsage().maxRSS / 1024;
    return [
      `memory for mnist-fashion (${spec.shape}), ${dataset.train.samples} + ${dataset.validation.samples} samples: peak ${peak.toFixed(0)} MiB of the process (to reach: below 1024), ${(memoryBytes / 2 ** 20).toFixed(0)} MiB of it buffers; one step with compilation ${stepMs.toFixed(0)} ms`,
    ];
  } finally {
    engine.close();
    device.destroy();
  }
}
