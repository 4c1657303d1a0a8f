import { RunError } from "../base/errors.ts";
import type { Engine, LevelJob, LevelSettings } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";
import { maskedParameters } from "../pruning/masked.ts";

/**
 * Gradients of the mean training loss, over all training samples, at given parameters under the job's mask.
 *
 * An epoch of SGD at learning rate 0 leaves the parameters as they are. With momentum 1 its first moment is the sum of
 * the mean gradients of all batches. Where the last batch is smaller, its samples would count more: a second epoch, with
 * momentum 0, gives its gradient alone.
 * @param job the level whose seed, mask and batch are used
 * @param parameters at which the gradients are taken; pruned weights count as 0
 * @param samples number of training samples of the engine's dataset
 * @returns a gradient for each weight and bias; 0 for pruned weights
 * @throws RunError that names the layer where a gradient is not finite; DeviceError when the device fails
 */
export async function gradientsOf(
  engine: Engine,
  job: LevelJob,
  parameters: Parameters,
  samples: number,
): Promise<Parameters> {
  const { label, seed, level, mask, remainingWork } = job;
  const momentsWith = async (momentum: number) => {
    const settings: LevelSettings = {
      ...{ optimizer: "sgd", lr: 0, momentum, batch: job.settings.batch },
      ...{ maxEpochs: 1, patience: 1, keep: "last", keepMoments: true },
    };
    const still = { label: `gradients of ${label}`, seed, level, settings, start: parameters, mask, remainingWork };
    const trained = await engine.train(still);
    try {
      return (await trained.firstMoments()).values;
    } finally {
      trained.release();
    }
  };
  const batch = Math.min(job.settings.batch, samples);
  const batches = Math.ceil(samples / batch);
  const lastSamples = samples - (batches - 1) * batch;
  const sum = await momentsWith(1);
  if (lastSamples === batch) return new Parameters(parameters.shape, sum.map((total) => total / batches));
  const last = batches === 1 ? sum : await momentsWith(0);
  const mean = sum.map((total, at) => (batch * (total - last[at]) + lastSamples * last[at]) / samples);
  return new Parameters(parameters.shape, mean);
}

/** Root of the sum of squares of the weights, without biases. */
function weightNorm({ values, layout }: Parameters): number {
  return Math.sqrt(values.subarray(0, layout.biasOffset[0]).reduce((sum, value) => sum + value * value, 0));
}

/** Length of a step of {@link hessianGradientOf}, relative to the length of the weights. */
export const hessianStep = 1e-3;

/**
 * Product of the Hessian of the mean training loss with its gradient, over the kept weights; biases are constants. Central
 * differences of two gradients: H g = (g(w + e g) - g(w - e g)) / 2 e, where the step e g has {@link hessianStep} times the length
 * of w.
 * @param job as in {@link gradientsOf}
 * @param parameters w: at which the product is taken; pruned weights count as 0
 * @param gradients g: those at `parameters`
 * @returns the product for each kept weight; 0 for pruned weights, and where all gradients are 0; biases have no meaning
 * @throws as {@link gradientsOf}
 */
export async function hessianGradientOf(
  engine: Engine,
  job: LevelJob,
  parameters: Parameters,
  gradients: Parameters,
  samples: number,
): Promise<Parameters> {
  const { shape } = parameters;
  const start = maskedParameters(parameters, job.mask);
  const length = weightNorm(gradients);
  if (length === 0) return new Parameters(shape);
  const weights = start.layout.biasOffset[0];
  const step = (hessianStep * weightNorm(start)) / length;
  const at = (factor: number) => {
    const moved = start.values.map((value, k) => (k < weights ? value + factor * gradients.values[k] : value));
    return gradientsOf(engine, job, new Parameters(shape, moved), samples);
  };
  const [ahead, behind] = [await at(step), await at(-step)];
  return new Parameters(
    shape,
    ahead.values.map((value, k) => (value - behind.values[k]) / (2 * step)),
  );
}
