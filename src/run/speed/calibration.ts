import { RunError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import { formatShape } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { shortened } from "../../dataset/shortened.ts";
import type { Device } from "../../device/device.ts";
import { AdapterEngine } from "../../engine/adapter/adapter_engine.ts";
import { planAdapterEngine } from "../../engine/adapter/plan.ts";
import { LevelTrainer } from "../../engine/cpu/trainer.ts";
import type { LevelSettings } from "../../engine/engine.ts";
import { DeviceExecutor } from "../../engine/shared/device_executor.ts";
import { pathMask } from "../../mask/path_mask.ts";
import { initialParameters } from "../../network/initial.ts";
import { formatTimes, parseTimes, type TimesByStep } from "./record.ts";
import { estimatedTimes, type MeasuredStep, measuredTimes, type Step, type StepTimes } from "./step_times.ts";
import type { TimesStore } from "./store.ts";

/** A step to measure. */
export interface StepCase extends Step {
  readonly dataset: Dataset;
  /** Activation of the hidden layers. */
  readonly activation: string;
  /** Number of networks that the run trains at the same time, from 1. */
  readonly networks: number;
}

/** The hardware to measure. */
export interface Hardware {
  readonly device: Device;
  /** Number of processor cores, from 1. */
  readonly cores: number;
  /** Model of the processor. */
  readonly cpu: string;
}

/** Maximum number of networks that are trained at the same time for a measurement; more take longer to place. */
const mostNetworks = 64;
/** Time in ms to measure one step: four measurements take about 200 ms. */
const [cpuMs, adapterMs] = [25, 75];
/** Maximum number of batches of an epoch. */
const mostBatches = 16;

/**
 * Measures the time of two steps on both engines, or takes it from the store. With compiled kernels it takes about
 * 200 ms; more only for networks whose single step takes longer. Called soon after the device is opened: an H200 that
 * gets short dispatches with pauses lowers its clock within seconds.
 * @param smallest the step of the fewest weights and samples, measured first
 * @returns undefined if a network diverges, so that there is no time
 * @throws DeviceError when the device fails
 */
export async function calibrate(
  smallest: StepCase,
  largest: StepCase,
  hardware: Hardware,
  store: TimesStore,
): Promise<StepTimes | undefined> {
  const { device, cpu } = hardware;
  const measured = { adapter: device.name, version: store.version, cpu };
  const kept = parseTimes((await store.read(device.name)) ?? "", measured);
  const stepUs = new Map<string, number>(Object.entries(kept));
  const time = async (key: string, measure: () => Promise<number>) => {
    const us = stepUs.get(key) ?? (await measure());
    stepUs.set(key, us);
    return us;
  };
  const both = async (one: StepCase): Promise<MeasuredStep> => {
    const networks = Math.min(one.networks, mostNetworks);
    const key = stepKey(one);
    return {
      ...one,
      networks,
      cpuUs: await time(`cpu: ${key}`, () => cpuStepUs(one)),
      adapterUs: await time(`adapter: ${networks} x ${key}`, () => adapterStepUs({ ...one, networks }, hardware)),
    };
  };
  try {
    const low = await both(smallest);
    const high = await both(largest);
    const all: TimesByStep = Object.fromEntries(stepUs);
    if (stepUs.size > Object.keys(kept).length) await store.write(device.name, formatTimes(measured, all));
    return measuredTimes(low, high);
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}

/** Everything that determines the time of a step on given hardware. */
function stepKey({ shape, batch, weights, dataset, activation, evaluated }: StepCase): string {
  const { name, train, validation } = dataset;
  const every = evaluated ? `, evaluated every ${plural(evaluated.every, "step")}` : "";
  return `${formatShape(shape)} ${activation}, ${weights} weights, batch ${batch}, ${name} ${train.samples} + ${validation.samples}${every}`;
}

/** Time in us of a step on the calling thread. */
async function cpuStepUs(one: StepCase): Promise<number> {
  const { shape, batch, weights, activation } = one;
  const short = shortDataset(one);
  const trainer = new LevelTrainer({ networks: [{ shape, batch }], dataset: short.dataset, activation });
  const start = initialParameters(shape, 0).values;
  const maskWords = pathMask(shape, weights).words;
  const trial = async (epochs: number) => {
    await trainer.train({ seed: 0, level: 0, settings: settingsOf(batch, epochs, short), shape, start, maskWords });
  };
  return (1000 * (await epochMs(trial, cpuMs))) / short.batches;
}

/** Time in us of a step of all networks at the same time. */
async function adapterStepUs(one: StepCase, { device, cores }: Hardware): Promise<number> {
  const { shape, batch, weights, activation } = one;
  const short = shortDataset(one);
  const networks = Array.from({ length: one.networks }, () => ({ shape, batch }));
  const plan = planAdapterEngine({ networks, dataset: short.dataset, activation }, "auto");
  const engine = new AdapterEngine(new DeviceExecutor(device), plan, device, cores);
  try {
    const mask = pathMask(shape, weights);
    const starts = networks.map((_, seed) => initialParameters(shape, seed));
    const trial = async (epochs: number) => {
      const settings = settingsOf(batch, epochs, short);
      const levels = starts.map((start, seed) =>
        engine.train({ label: `seed ${seed}`, seed, level: 0, settings, start, mask }),
      );
      for (const trained of await Promise.all(levels)) trained.release();
    };
    return (1000 * (await epochMs(trial, adapterMs))) / short.batches;
  } finally {
    engine.close();
  }
}

/** Levels of a fixed number of epochs; the learning rate is too low to diverge. */
function settingsOf(batch: number, epochs: number, { batches, evaluateEvery }: ShortDataset): LevelSettings {
  const steps = epochs * batches;
  return { optimizer: "adam", lr: 1e-6, batch, maxEpochs: epochs, evaluateEvery, patience: steps, keep: "last" };
}

/** A part of a dataset, for a measurement. */
export interface ShortDataset {
  readonly dataset: Dataset;
  /** Steps of an epoch. */
  readonly batches: number;
  /** Steps between two evaluations, of which an epoch is a multiple. */
  readonly evaluateEvery: number;
}

/**
 * As many whole batches of a dataset as one thread of the CPU trains in about an eighth of its time, at least 1, with as many
 * validation samples to a step as the dataset has.
 */
export function shortDataset(one: StepCase): ShortDataset {
  const { dataset, batch, evaluated } = one;
  const wanted = Math.floor((1000 * cpuMs) / 8 / estimatedTimes.cpuUs(one));
  const most = Math.max(1, Math.min(mostBatches, wanted, Math.floor(dataset.train.samples / batch)));
  if (!evaluated) {
    return { dataset: shortened(dataset, most * batch), batches: most, evaluateEvery: most };
  }
  const { every } = evaluated;
  const evaluateEvery = Math.min(every, most);
  const batches = most - (most % evaluateEvery);
  const validated = (dataset.validation.samples * evaluateEvery) / every;
  return { dataset: shortened(dataset, batches * batch, validated), batches, evaluateEvery };
}

/**
 * Time of an epoch in ms: the difference of the shortest trials of some epochs and of twice as many, which leaves out what a
 * level takes to start and to end. The shortest trials are those in which other programs took least time.
 */
async function epochMs(trial: (epochs: number) => Promise<void>, budgetMs: number): Promise<number> {
  const timed = async (epochs: number) => {
    const startedAt = performance.now();
    await trial(epochs);
    return performance.now() - startedAt;
  };
  // Compiles kernels.
  await trial(1);
  const endAt = performance.now() + budgetMs;
  let epochs = 1;
  let short = await timed(epochs);
  while (short < budgetMs / 8) {
    epochs *= 2;
    short = await timed(epochs);
  }
  let long = await timed(2 * epochs);
  while (performance.now() < endAt) {
    short = Math.min(short, await timed(epochs));
    long = Math.min(long, await timed(2 * epochs));
  }
  const whole = long / (2 * epochs);
  // A difference outside of these bounds comes from other programs.
  return Math.min(whole, Math.max(whole / 2, (long - short) / epochs));
}
