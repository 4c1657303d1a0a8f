import { RunError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import { TwinExecutor } from "../engine/shared/twin_executor.ts";
import { TiledEngine } from "../engine/tiled/tiled_engine.ts";
import type { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { BenchmarkPopulation } from "./engines.ts";

/** A network after one epoch. */
export interface Trained {
  readonly weights: Parameters;
  readonly valLoss: number;
}

/** Difference of a trained network from the expected one. */
export interface Difference {
  /** 2-norm of the difference of the parameters, divided by the 2-norm of the expected change from the initial ones. */
  moveError: number;
  /** Absolute difference of the validation losses, in nats. */
  lossError: number;
}

/**
 * Bounds of a correct result. A wrong gradient in one layer gives a moveError of 0.1 or more. Rounding alone gives at
 * most 2e-5 (moveError) and 2e-7 (lossError) over all cases on lavapipe and the CPU.
 */
const mostMoveError = 1e-3;
const mostLossError = 1e-4;

/** The level of a seed to compare or time, with the optimiser settings of the presets. */
export function benchmarkJob(
  { shape, batch }: Pick<BenchmarkPopulation, "shape" | "batch">,
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

/** Trains one level with the CPU twins, which share only the specification with the kernels. */
export async function trainTwin(job: LevelJob, dataset: Dataset): Promise<Trained> {
  const plan = { shapes: [job.start.shape], dataset, batch: job.settings.batch, slots: 1 };
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
 * Compares a network with that of the twins.
 * @param where name of the engine, for error messages
 * @throws RunError when a bound is exceeded; the caller then times nothing
 */
export function checkTrained(trained: Trained, expected: Trained, job: LevelJob, where: string): Difference {
  const { values } = expected.weights;
  let [squares, moved] = [0, 0];
  values.forEach((value, k) => {
    squares += (trained.weights.values[k] - value) ** 2;
    // A pruned weight is always 0, so it does not count as a change.
    if (value !== 0) moved += (value - job.start.values[k]) ** 2;
  });
  const moveError = Math.sqrt(squares / moved);
  const lossError = Math.abs(trained.valLoss - expected.valLoss);
  if (!(moveError <= mostMoveError && lossError <= mostLossError)) {
    throw new RunError(
      `${where} at ${formatShape(job.start.shape)}, ${job.label}: after an epoch the weights are off by ${moveError.toPrecision(2)} of their change (at most ${mostMoveError}) and the loss by ${lossError.toPrecision(2)} (at most ${mostLossError}): nothing was timed`,
    );
  }
  return { moveError, lossError };
}
