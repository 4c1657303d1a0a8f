import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob, LevelSettings } from "../engine/engine.ts";
import { Parameters } from "../network/parameters.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Where gradients are taken, and by what. */
export interface GradientPass {
  readonly engine: Engine;
  /** The level whose seed, mask and batch are used. */
  readonly job: LevelJob;
  /** The engine's dataset. */
  readonly dataset: Dataset;
  /** Ends the pass. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gradients of the mean training loss, over all training samples or some, at given parameters under the job's mask.
 *
 * An epoch of SGD at learning rate 0 leaves the parameters as they are. With momentum 1 its first moment is the sum of
 * the mean gradients of all batches. Where the last batch is smaller, its samples would count more: a second epoch, with
 * momentum 0, gives its gradient alone. The engine needs a free slot.
 * @param parameters at which the gradients are taken; pruned weights and biases count as 0
 * @param batches number of mini-batches, the first of the level's first epoch, all of them whole; undefined: all samples
 * @returns a gradient for each weight and bias; 0 for pruned ones, and where no path leads to an output
 * @throws RunError that names level and layer where a gradient is not finite; DeviceError when the device fails; the
 * signal's reason when it is aborted
 */
export async function gradientsOf(pass: GradientPass, parameters: Parameters, batches?: number): Promise<Parameters> {
  const mean = ({ shape, values }: Parameters, count: number) =>
    new Parameters(
      shape,
      values.map((total) => total / count),
    );
  if (batches !== undefined) return mean(await momentsOf(pass, parameters, 1, batches), batches);
  const { samples } = pass.dataset.train;
  const batch = Math.min(pass.job.settings.batch, samples);
  const all = Math.ceil(samples / batch);
  const lastSamples = samples - (all - 1) * batch;
  const sum = await momentsOf(pass, parameters, 1, all);
  if (lastSamples === batch) return mean(sum, all);
  const { values: last } = await momentsOf(pass, parameters, 0, all);
  return new Parameters(
    sum.shape,
    sum.values.map((total, at) => (batch * (total - last[at]) + lastSamples * last[at]) / samples),
  );
}

/** First moments after some steps of SGD at learning rate 0. */
async function momentsOf(
  { engine, job, signal }: GradientPass,
  start: Parameters,
  momentum: number,
  steps: number,
): Promise<Parameters> {
  const { label, seed, orderSeed, level, mask, remainingWork } = job;
  const settings: LevelSettings = {
    optimizer: "sgd",
    lr: 0,
    momentum,
    batch: job.settings.batch,
    maxSteps: steps,
    evaluateEvery: steps,
    patience: 1,
    keep: "last",
    keepMoments: true,
  };
  const still = { label: `gradients of ${label}`, seed, orderSeed, level, settings, start, mask, remainingWork };
  const trained = await unlessAborted(signal, engine.train(still));
  try {
    return await trained.firstMoments();
  } finally {
    trained.release();
  }
}
