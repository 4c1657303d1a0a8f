import type { StructArray } from "../base/struct_array.ts";
import { closeEpoch as closeCount } from "../network/early_stopping.ts";

/**
 * Writes the losses and score sums of the epoch just closed to the curves of a network, if it keeps them:
 * [epoch][training loss, validation loss, score sums].
 */
export function writeCurves(networks: StructArray, n: number, sums: Uint32Array, curves: Uint32Array): void {
  if (networks.get(n, "keepCurves") === 0) return;
  const first = networks.get(n, "curvesAt") + (networks.get(n, "epochs") - 1) * (2 + sums.length);
  new Float32Array(curves.buffer, curves.byteOffset, curves.length).set(
    [networks.get(n, "trainLoss"), networks.get(n, "validationLoss")],
    first,
  );
  curves.set(sums, first + 2);
}

/**
 * Twin of `close_epoch` in `shaders/shared/close_epoch.wgsl`. Returns true when the level keeps this epoch so far.
 * @param hasFiniteState whether all parameters and moments are finite
 */
export function closeEpoch(
  networks: StructArray,
  n: number,
  trainSamples: number,
  validationSamples: number,
  hasFiniteState: boolean,
): boolean {
  networks.set(n, "trainLoss", networks.get(n, "trainLossSum") / trainSamples);
  networks.set(n, "validationLoss", networks.get(n, "validationLossSum") / validationSamples);
  networks.set(n, "trainLossSum", 0);
  networks.set(n, "validationLossSum", 0);

  const loss = networks.get(n, "validationLoss");
  const areLossesFinite = Number.isFinite(networks.get(n, "trainLoss")) && Number.isFinite(loss);
  if (!hasFiniteState || !areLossesFinite) networks.set(n, "diverged", 1);
  const before = {
    epochs: networks.get(n, "epochs"),
    bestLoss: networks.get(n, "bestValidationLoss"),
    epochsSinceBest: networks.get(n, "epochsSinceBest"),
  };
  const rule = { patience: networks.get(n, "patience"), maxEpochs: networks.get(n, "maxEpochs") };
  const { epochs, bestLoss, epochsSinceBest, improved, isLast } = closeCount(before, loss, rule);
  networks.set(n, "epochs", epochs);
  networks.set(n, "bestValidationLoss", bestLoss);
  networks.set(n, "epochsSinceBest", epochsSinceBest);
  networks.set(n, "improved", improved ? 1 : 0);
  networks.set(n, "running", isLast || networks.get(n, "diverged") === 1 ? 0 : 1);

  const keeps = improved || networks.get(n, "keepBest") === 0;
  if (keeps) {
    networks.set(n, "keptEpoch", epochs);
    networks.set(n, "keptTrainLoss", networks.get(n, "trainLoss"));
    networks.set(n, "keptValidationLoss", loss);
  }
  return keeps;
}
