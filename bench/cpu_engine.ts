import { RandomStream } from "../src/base/random.ts";
import type { Shape } from "../src/base/shape.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import type { Compaction } from "../src/engine/cpu/compact_network.ts";
import { defaultCompaction, LevelTrainer } from "../src/engine/cpu/trainer.ts";
import { TwinExecutor } from "../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../src/mask/mask.ts";
import { initialParameters } from "../src/network/initial.ts";

/** One network and the upper bound of its step time. */
interface Case {
  readonly shape: Shape;
  readonly batch: number;
  /** Number of kept weights, at random positions; undefined: all. */
  readonly kept?: number;
  readonly boundUs: number;
}

const cases: readonly Case[] = [
  { shape: [4, 57, 57, 2], batch: 64, boundUs: 120 },
  { shape: [4, 57, 57, 2], batch: 64, kept: 180, boundUs: 16 },
  { shape: [4, 8, 8, 2], batch: 64, boundUs: 8 },
  { shape: [784, 300, 100, 10], batch: 128, boundUs: 11_000 },
  { shape: [784, 300, 100, 10], batch: 128, kept: 5324, boundUs: 400 },
];

const settings = { optimizer: "adam", lr: 0.001, maxEpochs: 1, patience: 100_000, keep: "last" } as const;

/** Number of trials of a case: many short ones, so that the lowest is not affected by other load. */
const trials = 25;

/** Number of validation samples; so few that validation takes almost no time. */
const validationSamples = 8;

/** Random bytes in the format of an image set, with one multi-class task. */
function noiseImages(inputs: number, classes: number, samples: number): Dataset {
  const stream = new RandomStream(0, "datasetPoints");
  const split = (count: number) => ({
    samples: count,
    features: Uint8Array.from({ length: count * inputs }, () => stream.nextWord() & 255),
    labels: Uint32Array.from({ length: count }, () => stream.nextWord() % classes),
  });
  return {
    name: "noise",
    tasks: [
      {
        name: "noise",
        kind: "multiclass",
        inputs: { start: 0, count: inputs },
        outputs: { start: 0, count: classes },
      },
    ],
    coverage: "output",
    inputs,
    outputs: classes,
    train: split(samples),
    validation: split(validationSamples),
    mean: new Float32Array(inputs).fill(128),
    scale: new Float32Array(inputs).fill(1 / 74),
  };
}

function datasetFor(shape: Shape, samples: number): Dataset {
  if (shape[0] !== 4) return noiseImages(shape[0], shape[shape.length - 1], samples);
  const whole = moonsCircles(0, { samples: 2 * samples });
  const { features, labels } = whole.validation;
  return {
    ...whole,
    validation: {
      samples: validationSamples,
      features: features.subarray(0, validationSamples * 4),
      labels: Uint32Array.of(...labels.subarray(0, validationSamples), ...labels.subarray(samples, samples + 8)),
    },
  };
}

/** A mask that keeps `kept` weights at random positions. */
function maskOf({ shape, kept }: Case): Mask {
  const mask = Mask.full(shape);
  if (kept === undefined) return mask;
  const order = new RandomStream(1, "randomPruning").shuffled(mask.size);
  const gone = new Uint8Array(mask.size);
  for (const number of order.subarray(kept)) gone[number] = 1;
  let number = 0;
  for (let layer = 0; layer < shape.length - 1; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) if (gone[number++]) mask.set(layer, output, input, false);
    }
  }
  return mask;
}

/** The largest difference from the twins' weights after one epoch of three batches, the last one incomplete. */
async function differenceFromTwins(one: Case, mask: Mask, compaction: Compaction): Promise<number> {
  const { shape, batch } = one;
  const dataset = datasetFor(shape, 2 * batch + 24);
  const start = initialParameters(shape, 0);
  const twins = await TiledEngine.open(new TwinExecutor(), { shapes: [shape], dataset, batch, slots: 1 });
  const level = { label: "seed 0", seed: 0, level: 0, settings: { ...settings, batch }, start, mask };
  const expected = (await (await twins.train(level)).weights()).values;
  const trainer = new LevelTrainer({ networks: [one], dataset }, compaction);
  const job = { seed: 0, level: 0, settings: { ...settings, batch }, shape, start: start.values };
  const { values } = await trainer.train({ ...job, maskWords: mask.words });
  return values.reduce((worst, value, k) => Math.max(worst, Math.abs(value - expected[k])), 0);
}

/** Returns a trial of about 20 ms that gives microseconds per network-step, gather and update included. */
async function stepRunner(one: Case, mask: Mask, compaction: Compaction): Promise<() => Promise<number>> {
  const { shape, batch } = one;
  const stepsPerEpoch = 16;
  const dataset = datasetFor(shape, stepsPerEpoch * batch);
  const trainer = new LevelTrainer({ networks: [one], dataset }, compaction);
  const start = initialParameters(shape, 0).values;
  const trial = async (maxEpochs: number) => {
    const job = { seed: 0, level: 0, settings: { ...settings, batch, maxEpochs }, shape, start };
    const startedAt = performance.now();
    await trainer.train({ ...job, maskWords: mask.words });
    return (performance.now() - startedAt) * 1000;
  };
  let epochs = 1;
  while ((await trial(epochs)) < 20_000) epochs *= 2;
  return async () => (await trial(epochs)) / (epochs * stepsPerEpoch);
}

/** Median and lowest of the trials, after a warm-up of 250 ms in which the runtime optimises the module. */
async function measure(trial: () => Promise<number>): Promise<{ median: number; lowest: number }> {
  const warmUntil = performance.now() + 250;
  while (performance.now() < warmUntil) await trial();
  const times: number[] = [];
  for (let k = 0; k < trials; k++) times.push(await trial());
  return spreadOf(times);
}

/** 2 x multiply-adds of a step, for kept weights: forward, gradient, and backward except for the first layer. */
function stepFlops({ batch }: Case, mask: Mask): number {
  return 2 * batch * (3 * mask.count() - mask.count(0));
}

/**
 * The CPU engine on one core: microseconds per network-step. Each case is compared with the twins before it is timed.
 */
export async function benchCpuEngine(): Promise<string[]> {
  const lines = [];
  for (const one of cases) {
    const mask = maskOf(one);
    const difference = await differenceFromTwins(one, mask, defaultCompaction);
    if (!(difference < 1e-4)) throw new Error(`weights of (${one.shape}) are off by ${difference}: nothing was timed`);
    const us = await measure(await stepRunner(one, mask, defaultCompaction));
    const gflops = (stepFlops(one, mask) / us.median / 1000).toFixed(1);
    lines.push(
      `cpu engine (${one.shape}) batch ${one.batch}, ${mask.count()} of ${mask.size} weights: median ${us.median.toFixed(1)} us a step, lowest ${us.lowest.toFixed(1)} us, ${gflops} GFLOP/s on one core (to reach: ${one.boundUs} us)`,
    );
  }
  return lines;
}

/** Finds the density at which a layer stored as a matrix with zeros is as fast as its edge list. */
export async function benchCompaction(): Promise<string[]> {
  const lines = [];
  for (const one of [cases[0], cases[3]]) {
    for (const share of [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]) {
      const mask = maskOf({ ...one, kept: Math.round(Mask.full(one.shape).size * share) });
      const measured = (denseFrom: number) => stepRunner(one, mask, { dropInactive: true, denseFrom }).then(measure);
      const [matrix, edges] = [await measured(0), await measured(2)];
      lines.push(
        `compaction (${one.shape}), ${share * 100} % kept: matrix ${matrix.lowest.toFixed(1)} us a step, edges ${edges.lowest.toFixed(1)} us (lowest)`,
      );
    }
  }
  return lines;
}
