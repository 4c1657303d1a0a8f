import type { Shape } from "../src/base/shape.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import type { Device } from "../src/device/device.ts";
import { DeviceExecutor } from "../src/engine/device_executor.ts";
import type { Engine, TrainingNetwork } from "../src/engine/engine.ts";
import { ResidentEngine } from "../src/engine/resident.ts";
import { TiledEngine } from "../src/engine/tiled.ts";
import { TwinExecutor } from "../src/engine/twin_executor.ts";
import { Mask } from "../src/mask/mask.ts";
import { initialParameters } from "../src/network/initial.ts";
import { median } from "./median.ts";

const batch = 64;
const dataset = moonsCircles(0);
const stepsPerEpoch = Math.ceil(dataset.train.samples / batch);

/** One training step, alone and among 32, dense and pruned, on the engines of the device; validation is part of the time. */
export async function benchResident(device: Device): Promise<string[]> {
  const lines: string[] = [];
  for (const [shape, remaining] of [
    [[4, 70, 70, 2], 5320],
    [[4, 57, 57, 2], 3591],
    [[4, 57, 57, 2], 180],
    [[4, 57, 57, 2], 112],
  ] as const) {
    for (const population of [1, 32]) {
      const plan = { dataset, batch, slots: population };
      for (const engine of [
        await ResidentEngine.open(new DeviceExecutor(device), { ...plan, shapes: [shape] }),
        ...(population === 1 ? [await TiledEngine.open(new DeviceExecutor(device), { ...plan, shape })] : []),
      ]) {
        lines.push(await timeSteps(engine, shape, remaining, population));
        engine.close();
      }
    }
  }
  return lines;
}

/** Networks of seeds 0, 1, .., pruned by their initial magnitudes: the same masks on every engine. */
function admitted(engine: Engine, shape: Shape, remaining: number, population: number): Promise<TrainingNetwork[]> {
  return Promise.all(
    Array.from({ length: population }, async (_, seed) => {
      const initial = initialParameters(shape, seed);
      const network = await engine.admit({ label: `seed ${seed}`, seed, initial, mask: Mask.full(shape) });
      await network.prune({ remaining, scope: "global", criterion: "magnitude" }, 1);
      return network;
    }),
  );
}

/** Validation loss of seed 0 after two epochs, by the twins. */
async function expectedLoss(shape: Shape, remaining: number): Promise<number> {
  const twins = await TiledEngine.open(new TwinExecutor(), { shape, dataset, batch, slots: 1 });
  const [network] = await admitted(twins, shape, remaining, 1);
  return (await network.train(1, settings(2))).valLoss;
}

async function timeSteps(engine: Engine, shape: Shape, remaining: number, population: number): Promise<string> {
  const networks = await admitted(engine, shape, remaining, population);
  const trial = async (epochs: number) => {
    const startedAt = performance.now();
    const results = await Promise.all(networks.map((network) => network.train(1, settings(epochs))));
    return { ms: (performance.now() - startedAt) / (epochs * stepsPerEpoch * population), loss: results[0].valLoss };
  };
  const [{ loss }, expected] = [await trial(2), await expectedLoss(shape, remaining)];
  if (!(Math.abs(loss - expected) < 1e-3)) {
    throw new Error(`${engine.name} at (${shape}): loss ${loss}, the twins' is ${expected}: nothing was timed`);
  }
  let epochs = 2;
  while ((await trial(epochs)).ms * epochs * stepsPerEpoch * population < 400) epochs *= 2;
  const times = [];
  for (let k = 0; k < 3; k++) times.push((await trial(epochs)).ms);
  return `(${shape}) ${remaining} weights, batch ${batch}, population ${population}, ${engine.name}: median ${median(times).toFixed(4)} ms a network-step, best ${Math.min(...times).toFixed(4)}`;
}

function settings(epochs: number) {
  return { optimizer: "adam", lr: 0.001, maxEpochs: epochs, patience: epochs, keep: "last", batch } as const;
}
