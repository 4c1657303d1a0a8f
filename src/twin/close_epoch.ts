import type { StructArray } from "../base/struct_array.ts";

/** Twin of `close_epoch` in `shaders/shared/close_epoch.wgsl`; tells whether the level's result so far is this epoch. */
export function closeEpoch(networks: StructArray, n: number, trainSamples: number, validationSamples: number): boolean {
  const epochs = networks.get(n, "epochs") + 1;
  networks.set(n, "epochs", epochs);
  networks.set(n, "trainLoss", networks.get(n, "trainLossSum") / trainSamples);
  networks.set(n, "validationLoss", networks.get(n, "validationLossSum") / validationSamples);
  networks.set(n, "trainLossSum", 0);
  networks.set(n, "validationLossSum", 0);

  const loss = networks.get(n, "validationLoss");
  const improved = loss < networks.get(n, "bestValidationLoss");
  const sinceBest = improved ? 0 : networks.get(n, "epochsSinceBest") + 1;
  if (improved) networks.set(n, "bestValidationLoss", loss);
  networks.set(n, "epochsSinceBest", sinceBest);
  networks.set(n, "improved", improved ? 1 : 0);

  const keeps = improved || networks.get(n, "keepBest") === 0;
  if (keeps) {
    networks.set(n, "keptEpoch", epochs);
    networks.set(n, "keptTrainLoss", networks.get(n, "trainLoss"));
    networks.set(n, "keptValidationLoss", loss);
  }
  const goesOn = sinceBest < networks.get(n, "patience") && epochs < networks.get(n, "maxEpochs");
  networks.set(n, "running", goesOn ? 1 : 0);
  return keeps;
}
