import { spreadOf } from "../src/benchmark/statistics.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import type { Device } from "../src/device/device.ts";
import { residentWorkgroup } from "../src/engine/adapter/adapter_engine.ts";
import { LevelTrainer } from "../src/engine/cpu/trainer.ts";
import type { LevelSettings } from "../src/engine/engine.ts";
import { ResidentEngine } from "../src/engine/resident/resident_engine.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { Mask } from "../src/mask/mask.ts";
import { extendedShape, extensionTrajectory } from "../src/network/extension.ts";
import { initialParameters } from "../src/network/initial.ts";
import { Parameters } from "../src/network/parameters.ts";
import { selectMask } from "../src/pruning/selector.ts";

const [base, rate, extension, seed, batch] = [[4, 8, 8, 2], 0.32, 9, 0, 64] as const;
/** The thesis' settings of Moons-Circles. */
const settings: LevelSettings = { optimizer: "adam", lr: 0.001, maxEpochs: 3000, patience: 30, keep: "last", batch };
/** Networks in training at the same time: one for each core of a machine with two cores, so that no core is idle. */
const networks = 2;
/** Minimum time of a trial in ms. */
const trialMs = 500;
const trials = 5;

/** A level of the demo: its mask and its number of epochs. */
interface Level {
  readonly mask: Mask;
  readonly epochs: number;
}

/** The levels of one run of the demo, trained by the CPU engine. */
async function demoLevels(): Promise<Level[]> {
  const shape = extendedShape(base, rate, extension);
  const dataset = moonsCircles(0);
  const trainer = new LevelTrainer({ networks: [{ shape, batch }], dataset });
  const start = initialParameters(shape, seed);
  const levels: Level[] = [];
  let mask = Mask.full(shape);
  for (const [level, remaining] of [...extensionTrajectory(base, rate, extension).slice(1), 0].entries()) {
    const job = { seed, level, settings, shape, start: start.values, maskWords: mask.words };
    const { training, values } = await trainer.train(job);
    levels.push({ mask, epochs: training.epochs });
    const ranked = { trained: new Parameters(shape, values), start, mask, seed, nextLevel: level + 1 };
    mask = selectMask(ranked, { criterion: "magnitude", keep: remaining });
  }
  return levels;
}

/**
 * Processor time of a network-epoch with the resident kernel at every level of the demo, with the masks of a real run.
 * Shows the effect of a kernel change at each level and its estimate for the whole run.
 */
export async function benchLevels(device: Device): Promise<string[]> {
  const levels = await demoLevels();
  const { shape } = levels[0].mask;
  const dataset = moonsCircles(0);
  const start = initialParameters(shape, seed);
  const executor = new DeviceExecutor(device);
  const engine = await ResidentEngine.open(executor, {
    shapes: [shape],
    dataset,
    batch,
    slots: networks,
    ...residentWorkgroup(device),
  });
  const lines = ["level  weights  epochs  ms of processor time a network-epoch, lowest"];
  let total = 0;
  for (const [level, { mask, epochs }] of levels.entries()) {
    const trial = async (maxEpochs: number) => {
      const [startedAt, usedBefore] = [performance.now(), process.cpuUsage()];
      const job = { label: `seed ${seed}`, seed, level, start, mask };
      const trained = { ...job, settings: { ...settings, maxEpochs, patience: maxEpochs } };
      await Promise.all(Array.from({ length: networks }, () => engine.train(trained)));
      const { user, system } = process.cpuUsage(usedBefore);
      return { ms: (user + system) / 1000 / (maxEpochs * networks), wallMs: performance.now() - startedAt };
    };
    let enough = 2;
    while ((await trial(enough)).wallMs < trialMs) enough *= 2;
    const times = [];
    for (let k = 0; k < trials; k++) times.push((await trial(enough)).ms);
    const { lowest: ms } = spreadOf(times);
    total += (ms * epochs) / 1000;
    lines.push(
      `${String(level).padStart(5)}${String(mask.count()).padStart(9)}${String(epochs).padStart(8)}  ${ms.toFixed(2)}`,
    );
  }
  engine.close();
  lines.push(`the run of seed ${seed}: ${total.toFixed(1)} s of processor time`);
  return lines;
}
