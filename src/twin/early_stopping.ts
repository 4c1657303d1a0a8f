import type { earlyStopping as kernel } from "../kernels/early_stopping.ts";
import type { Twin } from "../kernels/kernel.ts";

/** Twin of `shaders/early_stopping.wgsl`. */
export const earlyStopping: Twin<typeof kernel> = (u, buffers) => {
  const { networks, correct, keptCorrect } = buffers;
  for (let n = 0; n < u.networks; n++) {
    if (networks.get(n, "running") === 0) continue;
    const epochs = networks.get(n, "epochs") + 1;
    networks.set(n, "epochs", epochs);
    networks.set(n, "trainLoss", networks.get(n, "trainLossSum") / u.trainSamples);
    networks.set(n, "validationLoss", networks.get(n, "validationLossSum") / u.validationSamples);
    networks.set(n, "trainLossSum", 0);
    networks.set(n, "validationLossSum", 0);

    const loss = networks.get(n, "validationLoss");
    const improved = loss < networks.get(n, "bestValidationLoss");
    const sinceBest = improved ? 0 : networks.get(n, "epochsSinceBest") + 1;
    if (improved) networks.set(n, "bestValidationLoss", loss);
    networks.set(n, "epochsSinceBest", sinceBest);
    networks.set(n, "improved", improved ? 1 : 0);

    const right = correct.subarray(n * u.tasks, (n + 1) * u.tasks);
    if (improved || networks.get(n, "keepBest") === 0) {
      networks.set(n, "keptEpoch", epochs);
      networks.set(n, "keptTrainLoss", networks.get(n, "trainLoss"));
      networks.set(n, "keptValidationLoss", loss);
      keptCorrect.set(right, n * u.tasks);
    }
    right.fill(0);
    const goesOn = sinceBest < networks.get(n, "patience") && epochs < networks.get(n, "maxEpochs");
    networks.set(n, "running", goesOn ? 1 : 0);
  }
};
