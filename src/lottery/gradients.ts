import { InternalError } from "../base/errors.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import type { Parameters } from "../network/parameters.ts";

/**
 * Gradients of the mean training loss, over all training samples, at given parameters under the job's mask.
 * @param job the level that was trained: its settings, seed and mask
 * @param parameters at which the gradients are taken; pruned weights count as 0
 * @returns a gradient for each weight and bias; of pruned weights they are not used
 */
export async function gradientsOf(_engine: Engine, _job: LevelJob, _parameters: Parameters): Promise<Parameters> {
  throw new InternalError("no engine gives gradients");
}
