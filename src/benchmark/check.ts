import { RunError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import { TwinExecutor } from "../engine/shared/twin_executor.ts";
import { TiledEngine } from "../engine/tiled/tiled_engine.ts";
import type { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Fleet } from "./engines.ts";

/** A network after an epoch. */
export interface Trained {
  readonly weights: Parameters;
  readonly valLoss: number;
}

/** How far a network is from what it should be. */
export interface Difference {
  /** Distance of its parameters from the expected ones, in the 2-norm, as a share of the way that those went. */
  moveError: number;
  /** Absolute difference of the validation losses, in nats. */
  lossError: number;
}

/**
 * Bounds of a sound result. A gradient that is wrong in one layer moves a network another way: shares of 0.1 and more. Rounding
 * alone came to 2e-5 and 2e-7 at most over all cases on lavapipe and the CPU.
 */
const mostMoveError = 1e-3;
const mostLossError = 1e-4;

/** The level of a seed that is trained to be compared or timed, as in every run of the presets. */
export function benchmarkJob(
  { shape, batch }: Pick<Fleet, "shape" | "batch">,
  mask: Mask,
  seed: number,
  epochs = 1,
): LevelJob {
  return {
    label: `seed ${seed}`,
    seed,
    level: 0,
    settings: { optimizer: "adam", lr: 0.001, batch, maxEpochs: epochs, patience: epochs, keep: "last" },
    start: initialParameters(shape, seed),
    mask,
  };
}

/** One level by the CPU twins, which share nothing with an engine's kernels but their specification. */
export async function trainTwin(job: LevelJob, dataset: Dataset): Promise<Trained> {
  const plan = { shape: job.start.shape, dataset, batch: job.settings.batch, slots: 1 };
  const engine = await TiledEngine.open(new TwinExecutor(), plan);
  try {
    return await trainAndRead(engine, job);
  } finally {
    engine.close();
  }
}

export async function trainAndRead(engine: Engine, job: LevelJob): Promise<Trained> {
  const trained = await engine.train(job);
  const weights = await trained.weights();
  trained.release();
  return { weights, valLoss: trained.training.valLoss };
}

/**
 * Compares a network with the twins'.
 * @param where names it in the error
 * @throws RunError when it is too far away: then nothing of it is timed
 */
export function checkTrained(trained: Trained, expected: Trained, job: LevelJob, where: string): Difference {
  const { values } = expected.weights;
  let [squares, moved] = [0, 0];
  values.forEach((value, k) => {
    squares += (trained.weights.values[k] - value) ** 2;
    // A pruned weight is 0 from the start and goes nowhere.
    if (value !== 0) moved += (value - job.start.values[k]) ** 2;
  });
  const moveError = Math.sqrt(squares / moved);
  const lossError = Math.abs(trained.valLoss - expected.valLoss);
  if (!(moveError <= mostMoveError && lossError <= mostLossError)) {
    throw new RunError(
      `${where} at ${formatShape(job.start.shape)}, ${job.label}: after an epoch the weights are off by ${moveError.toPrecision(2)} of their way (at most ${mostMoveError}) and the loss by ${lossError.toPrecision(2)} (at most ${mostLossError}): nothing was timed`,
    );
  }
  return { moveError, lossError };
}
