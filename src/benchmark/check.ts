import { RunError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { LevelSettings, NetworkStart, TrainingNetwork } from "../engine/engine.ts";
import { TwinExecutor } from "../engine/shared/twin_executor.ts";
import { TiledEngine } from "../engine/tiled/tiled_engine.ts";
import type { Parameters } from "../network/parameters.ts";

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

/** How an epoch is trained to be compared: as in every run of the presets. */
export function settings(epochs: number): LevelSettings {
  return { optimizer: "adam", lr: 0.001, maxEpochs: epochs, patience: epochs, keep: "last" };
}

/** One epoch by the CPU twins, which share nothing with an engine's kernels but their specification. */
export async function trainTwin(start: NetworkStart, dataset: Dataset, batch: number): Promise<Trained> {
  const { shape } = start.initial;
  const engine = await TiledEngine.open(new TwinExecutor(), { shape, dataset, batch, slots: 1 });
  try {
    return await trainOnce(await engine.admit(start));
  } finally {
    engine.close();
  }
}

export async function trainOnce(network: TrainingNetwork): Promise<Trained> {
  const { valLoss } = await network.train(0, settings(1));
  return { weights: await network.weights(), valLoss };
}

/**
 * Compares a network with the twins'.
 * @param where names it in the error
 * @throws RunError when it is too far away: then nothing of it is timed
 */
export function checkTrained(trained: Trained, expected: Trained, start: NetworkStart, where: string): Difference {
  const { values } = expected.weights;
  let [squares, moved] = [0, 0];
  values.forEach((value, k) => {
    squares += (trained.weights.values[k] - value) ** 2;
    // A pruned weight is 0 from the start and goes nowhere.
    if (value !== 0) moved += (value - start.initial.values[k]) ** 2;
  });
  const moveError = Math.sqrt(squares / moved);
  const lossError = Math.abs(trained.valLoss - expected.valLoss);
  if (!(moveError <= mostMoveError && lossError <= mostLossError)) {
    throw new RunError(
      `${where} at ${formatShape(start.initial.shape)}, ${start.label}: after an epoch the weights are off by ${moveError.toPrecision(2)} of their way (at most ${mostMoveError}) and the loss by ${lossError.toPrecision(2)} (at most ${mostLossError}): nothing was timed`,
    );
  }
  return { moveError, lossError };
}
