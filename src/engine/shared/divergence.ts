import { RunError } from "../../base/errors.ts";
import { layerCount } from "../../base/shape.ts";
import { Parameters } from "../../network/parameters.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import type { LevelJob, LevelTraining } from "../engine.ts";

/** The values that an optimiser changes; moments have the places of their parameters. */
export interface OptimizerState {
  readonly parameters: Parameters;
  /** First moments, and second moments where the optimiser has them. */
  readonly moments: readonly Parameters[];
}

/**
 * Throws if the start of a level is not finite: engines leave out weights without a path to an output, so they may not
 * see it.
 * @throws RunError that names the first tensor with NaN or infinite kept weights or biases
 */
export function checkStart({ label, level, start, mask }: LevelJob): void {
  if (start.values.every(Number.isFinite)) return;
  const found = firstNonFinite({ parameters: maskedParameters(start, mask), moments: [] });
  if (found) throw new RunError(`${label}, level ${level}: at its start, ${found}; check the initial weights`);
}

/**
 * The error of a level whose training has diverged: a loss, a parameter or a moment became NaN or infinite.
 * @param training its record up to the evaluation at which it was found
 */
export function divergence(
  { label, level, settings }: LevelJob,
  { epochs, steps, trainLoss, valLoss }: Pick<LevelTraining, "epochs" | "steps" | "trainLoss" | "valLoss">,
  state: OptimizerState,
): RunError {
  const loss = [valLoss, trainLoss].find((value) => !Number.isFinite(value));
  // At rate 0, parameters change by gradients that are not finite only.
  const still = { parameters: new Parameters(state.parameters.shape), moments: state.moments };
  const found = (settings.lr === 0 ? firstNonFinite(still) : undefined) ?? firstNonFinite(state);
  const when = settings.evaluateEvery === undefined ? `in epoch ${epochs}` : `by step ${steps}`;
  const what =
    loss === undefined
      ? `${when}, ${found ?? "a value became NaN or infinite"}`
      : `the loss became ${loss} ${when} (${found ?? "all weights and moments are finite"})`;
  const advice =
    settings.lr === 0 ? "check the weights and the inputs" : `lower lr (now ${settings.lr}) or check the inputs`;
  return new RunError(`${label}, level ${level}: ${what}; ${advice}`);
}

/** The first tensor with NaN or infinite values, their number and the first index; undefined if all are finite. */
export function firstNonFinite({ parameters, moments }: OptimizerState): string | undefined {
  const names = ["", ", first moment", ", second moment"];
  const all = [parameters, ...moments];
  const k = all.findIndex(({ values }) => !values.every(Number.isFinite));
  return k < 0 ? undefined : inTensors(all[k], names[k]);
}

function inTensors(parameters: Parameters, what: string): string | undefined {
  for (let layer = 0; layer < layerCount(parameters.shape); layer++) {
    for (const [name, values] of [
      [`layers.${layer}.weight`, parameters.weights(layer)],
      [`layers.${layer}.bias`, parameters.biases(layer)],
    ] as const) {
      const first = values.findIndex((value) => !Number.isFinite(value));
      if (first < 0) continue;
      const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
      const are = count === 1 ? "value is" : "values are";
      return `${name}${what}: ${count} ${are} not finite, the first at index ${first}`;
    }
  }
  return undefined;
}
