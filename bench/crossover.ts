import { threeDigits } from "../src/base/format.ts";
import { formatShape, type Shape, weightCount } from "../src/base/shape.ts";
import { openOnAdapter } from "../src/benchmark/engines.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import type { Device } from "../src/device/device.ts";
import type { Engine, LevelJob } from "../src/engine/engine.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { TiledEngine } from "../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../src/mask/mask.ts";
import { initialParameters } from "../src/network/initial.ts";
import { selectMask } from "../src/pruning/selector.ts";
import { syntheticDataset } from "./synthetic.ts";
import { WarmUp } from "./warm_up.ts";

interface Case {
  readonly shape: Shape;
  readonly batch: number;
}

const medium: readonly Case[] = [
  { shape: [784, 300, 100, 10], batch: 128 },
  { shape: [4, 178, 178, 2], batch: 64 },
];
const large: readonly Case[] = [{ shape: [1568, 784, 392, 20], batch: 512 }];
const densities = [1, 0.5, 0.25, 0.12, 0.06, 0.03, 0.01];
/** Steps per epoch; each epoch ends with a validation of few samples. */
const stepsPerEpoch = 4;
/** Minimum time of a trial in ms, before a warm-up; a case with a slower epoch is timed once. */
const trialMs = { gpu: 100, software: 400 };
/** Trials of a case, each after a warm-up. */
const trials = 3;
/** Maximum number of weights for the resident kernel; more take minutes on one thread of a software adapter. */
const residentMostWeights = 70_000;

const allKernels = ["dense", "sparse", "resident"] as const;
type AdapterKernels = (typeof allKernels)[number];

/** The step times of a case: for each kind of kernels one for each density, undefined where it was not timed. */
type Times = Record<AdapterKernels, (StepTime | undefined)[]>;

/**
 * The step time at densities from 100 to 1 % of the dense, the sparse and the resident kernels, each in the workgroups
 * of a run on this adapter: their crossover points, and the cost of a level at 1 % relative to the dense one. Masks keep
 * the largest initial weights of the whole network. Ranked by wall time on a GPU, by processor time on a software
 * adapter, where a population uses all processors and other load affects the wall time.
 */
async function cross(device: Device, cases: readonly Case[]): Promise<string[]> {
  const warmUp = await WarmUp.open(device);
  try {
    const lines: string[] = [];
    for (const one of cases) lines.push(...crossLines(one, device, await timeCase(one, device, warmUp)));
    return lines;
  } finally {
    warmUp.close();
  }
}

async function timeCase({ shape, batch }: Case, device: Device, warmUp: WarmUp): Promise<Times> {
  const dataset = syntheticDataset(shape[0], shape[shape.length - 1], batch * stepsPerEpoch, 64);
  const plan = { shapes: [shape], dataset, batch, slots: 1 };
  const weights = densities.map((density) => Math.round(weightCount(shape) * density));
  const open: Readonly<Record<AdapterKernels, () => Promise<Engine>>> = {
    dense: () => TiledEngine.open(new DeviceExecutor(device), plan),
    sparse: () => TiledEngine.open(new DeviceExecutor(device), { ...plan, sparseUpTo: 1 }),
    resident: async () => {
      const least = { shape, dataset, batch, population: 1, weights: Math.min(...weights) };
      const opened = await openOnAdapter("resident", new DeviceExecutor(device), device, least);
      if ("reason" in opened) throw new Error(`resident at ${formatShape(shape)}: ${opened.reason}`);
      return opened.engine;
    },
  };
  const times: Times = { dense: [], sparse: [], resident: [] };
  const losses: number[] = [];
  for (const kernels of allKernels) {
    const engine = await open[kernels]();
    for (const [index, edges] of weights.entries()) {
      if (kernels === "resident" && edges > residentMostWeights) {
        times.resident.push(undefined);
        continue;
      }
      const { loss, ...time } = await timeStep(engine, jobOf({ shape, batch }, edges), device, warmUp);
      losses[index] ??= loss;
      if (!(Math.abs(loss - losses[index]) < 1e-3)) {
        throw new Error(
          `${kernels} at ${formatShape(shape)}, ${edges} weights: loss ${loss}, the dense kernels' is ${losses[index]}`,
        );
      }
      times[kernels].push(time);
    }
    engine.close();
  }
  return times;
}

function crossLines({ shape, batch }: Case, { kind }: Device, times: Times): string[] {
  const ranked = kind === "gpu" ? "ms" : "processorMs";
  const lines = [
    `${formatShape(shape)}, batch ${batch}: us a step, ${kind === "gpu" ? "wall time" : "processor time (wall time)"}`,
    `density    ${allKernels.map((kernels) => kernels.padStart(18)).join("")}   cheapest`,
  ];
  densities.forEach((density, index) => {
    const timed = allKernels.flatMap((kernels) => {
      const time = times[kernels][index];
      return time ? [{ kernels, cost: time[ranked] }] : [];
    });
    const cheapest = timed.reduce((best, other) => (other.cost < best.cost ? other : best));
    const cells = allKernels.map((kernels) => {
      const time = times[kernels][index];
      if (!time) return "-".padStart(18);
      const wall = threeDigits(time.ms * 1000);
      return (kind === "gpu" ? wall : `${threeDigits(time.processorMs * 1000)} (${wall})`).padStart(18);
    });
    lines.push(`${`${density * 100} %`.padEnd(11)}${cells.join("")}   ${cheapest.kernels}`);
  });
  const denseMs = times.dense[0]?.ms ?? Number.NaN;
  const cheapestMs = Math.min(...allKernels.map((kernels) => times[kernels].at(-1)?.ms ?? Number.POSITIVE_INFINITY));
  lines.push(`a level of 1 % is ${(denseMs / cheapestMs).toFixed(1)} times cheaper than the dense one (to reach: 10)`);
  return lines;
}

export const benchCrossover = (device: Device) => cross(device, medium);
export const benchCrossoverLarge = (device: Device) => cross(device, large);

/** A level of one epoch. */
function jobOf({ shape, batch }: Case, edges: number): LevelJob {
  const start = initialParameters(shape, 0);
  const level = { trained: start, start, mask: Mask.full(shape), seed: 0, nextLevel: 0 };
  const mask = selectMask(level, { criterion: "magnitude", keep: edges });
  const settings = { optimizer: "adam", lr: 0.001, batch, maxEpochs: 1, patience: 1, keep: "last" } as const;
  return { label: "seed 0", seed: 0, level: 0, settings, start, mask };
}

/** Wall time and processor time of a step; on a software adapter, other load affects the processor time less. */
interface StepTime {
  readonly ms: number;
  readonly processorMs: number;
}

async function timeStep(
  engine: Engine,
  job: LevelJob,
  { kind }: Device,
  warmUp: WarmUp,
): Promise<StepTime & { loss: number }> {
  const trial = async (epochs: number) => {
    const [startedAt, usedBefore] = [performance.now(), process.cpuUsage()];
    const settings = { ...job.settings, maxEpochs: epochs, patience: epochs };
    const trained = await engine.train({ ...job, settings });
    const { user, system } = process.cpuUsage(usedBefore);
    const steps = epochs * stepsPerEpoch;
    trained.release();
    return {
      ms: (performance.now() - startedAt) / steps,
      processorMs: (user + system) / 1000 / steps,
      loss: trained.training.valLoss,
    };
  };
  let [epochs, first] = [1, await trial(1)];
  const { loss } = first;
  // A short trial is dominated by the start and end of levels and by the pump's adaptation of the submission size.
  for (; first.ms * epochs * stepsPerEpoch < trialMs[kind]; first = await trial(epochs)) epochs *= 2;
  const times = epochs === 1 ? [first] : [];
  for (let k = 0; epochs > 1 && k < trials; k++) {
    await warmUp.run();
    times.push(await trial(epochs));
  }
  const medianOf = (figure: "ms" | "processorMs") => spreadOf(times.map((time) => time[figure])).median;
  return { ms: medianOf("ms"), processorMs: medianOf("processorMs"), loss };
}
