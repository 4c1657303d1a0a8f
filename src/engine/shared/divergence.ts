import { RunError } from "../../base/errors.ts";
import { layerCount } from "../../base/shape.ts";
import type { Parameters } from "../../network/parameters.ts";
import type { LevelJob, LevelTraining } from "../engine.ts";

/**
 * Throws if the training of a level has diverged.
 * @param weights reads the current parameters, to name the tensor that is not finite
 * @throws RunError when a loss is NaN or infinite
 */
export async function checkConverged(
  { label, level, settings }: LevelJob,
  { epochs, trainLoss, valLoss }: LevelTraining,
  weights: () => Promise<Parameters>,
): Promise<void> {
  const loss = [valLoss, trainLoss].find((value) => !Number.isFinite(value));
  if (loss === undefined) return;
  throw new RunError(
    `${label}, level ${level}: the loss became ${loss} in epoch ${epochs} (${firstNonFinite(await weights())}); lower lr (now ${settings.lr}) or check the inputs`,
  );
}

/** For error messages: the first tensor with NaN or infinite values, their number and the first index. */
function firstNonFinite(parameters: Parameters): string {
  for (let layer = 0; layer < layerCount(parameters.shape); layer++) {
    for (const [name, values] of [
      [`layers.${layer}.weight`, parameters.weights(layer)],
      [`layers.${layer}.bias`, parameters.biases(layer)],
    ] as const) {
      const first = values.findIndex((value) => !Number.isFinite(value));
      if (first < 0) continue;
      const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
      return `${name}: ${count} values are not finite, the first at index ${first}`;
    }
  }
  return "all weights are finite";
}
