import { expect } from "vitest";
import { checkpointArrays, checkpointOf } from "../../src/engine/checkpoint.ts";
import type { Engine, LevelCheckpoint, LevelJob, LevelNow, LevelSettings } from "../../src/engine/engine.ts";
import { Mask } from "../../src/mask/mask.ts";
import { batch, dataset, settings, shape } from "./small_networks.ts";

/** The data have three steps an epoch. */
export const stepsPerEpoch = Math.ceil(dataset.train.samples / batch);

/** Whether a checkpoint lies between two evaluations, by default of an epoch. */
export const isWithin = ({ counts }: LevelCheckpoint, evaluateEvery = stepsPerEpoch) =>
  counts.steps % evaluateEvery !== 0;

/** Number of epochs that a level has finished at a checkpoint. The last step of an interval counts once it is evaluated. */
export function epochsAt({ counts: { steps, evaluations } }: LevelCheckpoint, evaluateEvery = stepsPerEpoch): number {
  const isAwaited = steps === (evaluations + 1) * evaluateEvery;
  return Math.floor((isAwaited ? steps - 1 : steps) / stepsPerEpoch);
}

/** A mask of 60 weights at scattered positions, some without a path to an output: compact kernels leave these out. */
export function maskOf60(): Mask {
  const mask = new Mask(shape, new Uint32Array(Mask.full(shape).words.length));
  for (let n = 0; mask.count() < 60; n++) {
    const layer = n % 3;
    mask.set(layer, (n * 7) % shape[layer + 1], (n * 5) % shape[layer], true);
  }
  return mask;
}

/** The mask without the biases of every second hidden neuron, and without that of the first output. */
export function withoutBiases(mask: Mask): Mask {
  const changed = mask.clone();
  for (const layer of [0, 1]) for (let n = 0; n < shape[layer + 1]; n += 2) changed.setBias(layer, n, false);
  changed.setBias(2, 0, false);
  return changed;
}

export const curved = { ...settings, maxEpochs: 9, patience: 9, keepCurves: true } as const;

/** Trainings that together use all that a checkpoint holds. */
export const trainings: readonly (readonly [string, LevelSettings, Mask])[] = [
  ["the last epoch, by Adam", curved, Mask.full(shape)],
  [
    "the best epoch, by SGD, while weights decay, after a warm-up",
    { ...curved, keep: "best", optimizer: "sgd", lr: 0.3, weightDecay: 0.01, schedule: "warmup:9" },
    maskOf60(),
  ],
  [
    "the best epoch, by Adam, as patience runs out, without every second bias",
    { ...curved, keep: "best", lr: 0.3, patience: 3 },
    withoutBiases(maskOf60()),
  ],
  [
    "the best evaluation, every 4 steps across the ends of epochs, by Adam",
    { ...curved, maxEpochs: undefined, maxSteps: 28, evaluateEvery: 4, keep: "best", lr: 0.1 },
    maskOf60(),
  ],
];

/** A trained level. */
export interface Trained {
  readonly training: unknown;
  readonly values: Float32Array;
  readonly resumedEpochs: number | undefined;
  /** The last one at each number of steps. */
  readonly checkpoints: readonly LevelCheckpoint[];
}

/** An engine whose levels have a checkpoint taken after every submission. */
export class TakingEngine {
  readonly #takers = new Set<() => void>();
  readonly #engine: Promise<Engine>;

  /** @param open opens an engine that calls back after every submission */
  constructor(open: (afterStep: () => void) => Promise<Engine>) {
    this.#engine = open(() => {
      for (const take of this.#takers) take();
    });
  }

  /** Trains a level and reads its result. */
  async train(job: LevelJob, takes = true): Promise<Trained> {
    const taken: Promise<LevelCheckpoint | undefined>[] = [];
    let now: LevelNow | undefined;
    const take = () => {
      if (now && takes) taken.push(now.checkpoint());
    };
    this.#takers.add(take);
    const engine = await this.#engine;
    const trained = await engine.train(job, {
      begun: (begun) => {
        now = begun;
      },
    });
    this.#takers.delete(take);
    const { values } = await trained.weights();
    trained.release();
    const bySteps = new Map<number, LevelCheckpoint>();
    for (const one of await Promise.all(taken)) if (one) bySteps.set(one.counts.steps, one);
    expect(await now?.checkpoint()).toBeUndefined();
    return {
      training: trained.training,
      values,
      resumedEpochs: now?.resumedEpochs,
      checkpoints: [...bySteps.values()],
    };
  }
}

/** A checkpoint as a file would give it back. */
export const copied = (checkpoint: LevelCheckpoint) =>
  checkpointOf(checkpoint.kernels, structuredClone(checkpointArrays(checkpoint)));

/** Some of the checkpoints: the first and the last within an interval, and at the end of one. */
export function chosen(checkpoints: readonly LevelCheckpoint[], evaluateEvery?: number): LevelCheckpoint[] {
  const within = checkpoints.filter((one) => isWithin(one, evaluateEvery));
  const atEnd = checkpoints.filter((one) => !isWithin(one, evaluateEvery) && one.counts.steps > 0);
  return [within[0], within.at(-1), atEnd[0], atEnd.at(-1)].filter((one) => one !== undefined);
}
