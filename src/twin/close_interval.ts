import type { StructArray } from "../base/struct_array.ts";
import { closeInterval as closeCount } from "../network/early_stopping.ts";
import { samplesOfSteps } from "../network/level_steps.ts";

/** Twin of `ends_interval`: whether the steps of a network's interval are done. */
export function endsInterval(networks: StructArray, n: number): boolean {
  return networks.get(n, "step") === (networks.get(n, "evaluations") + 1) * networks.get(n, "evaluateEvery");
}

/**
 * Writes the losses and score sums of the interval just closed to the curves of a network, if it keeps them:
 * [evaluation][training loss, validation loss, score sums].
 */
export function writeCurves(networks: StructArray, n: number, sums: Uint32Array, curves: Uint32Array): void {
  if (networks.get(n, "keepCurves") === 0) return;
  const first = networks.get(n, "curvesAt") + (networks.get(n, "evaluations") - 1) * (2 + sums.length);
  new Float32Array(curves.buffer, curves.byteOffset, curves.length).set(
    [networks.get(n, "trainLoss"), networks.get(n, "validationLoss")],
    first,
  );
  curves.set(sums, first + 2);
}

/**
 * Twin of `close_interval` in `shaders/shared/close_interval.wgsl`. Returns true when the level keeps this evaluation so far.
 * @param train samples of the training split and of a mini-batch
 * @param hasFiniteState whether all parameters and moments are finite
 */
export function closeInterval(
  networks: StructArray,
  n: number,
  train: { readonly samples: number; readonly batch: number },
  validationSamples: number,
  hasFiniteState: boolean,
): boolean {
  const step = networks.get(n, "step");
  const [before, after] = [step - networks.get(n, "evaluateEvery"), step].map((steps) =>
    samplesOfSteps(steps, train, train.samples),
  );
  networks.set(n, "trainLoss", networks.get(n, "trainLossSum") / (after - before));
  networks.set(n, "validationLoss", networks.get(n, "validationLossSum") / validationSamples);
  networks.set(n, "trainLossSum", 0);
  networks.set(n, "validationLossSum", 0);

  const loss = networks.get(n, "validationLoss");
  const areLossesFinite = Number.isFinite(networks.get(n, "trainLoss")) && Number.isFinite(loss);
  if (!hasFiniteState || !areLossesFinite) networks.set(n, "diverged", 1);
  const count = {
    evaluations: networks.get(n, "evaluations"),
    bestLoss: networks.get(n, "bestValidationLoss"),
    evaluationsSinceBest: networks.get(n, "evaluationsSinceBest"),
  };
  const rule = { patience: networks.get(n, "patience"), mostEvaluations: networks.get(n, "mostEvaluations") };
  const { evaluations, bestLoss, evaluationsSinceBest, improved, isLast } = closeCount(count, loss, rule);
  networks.set(n, "evaluations", evaluations);
  networks.set(n, "bestValidationLoss", bestLoss);
  networks.set(n, "evaluationsSinceBest", evaluationsSinceBest);
  networks.set(n, "improved", improved ? 1 : 0);
  networks.set(n, "running", isLast || networks.get(n, "diverged") === 1 ? 0 : 1);

  const keeps = improved || networks.get(n, "keepBest") === 0;
  if (keeps) {
    networks.set(n, "keptEvaluation", evaluations);
    networks.set(n, "keptTrainLoss", networks.get(n, "trainLoss"));
    networks.set(n, "keptValidationLoss", loss);
  }
  return keeps;
}
