import type { earlyStopping as kernel } from "../kernels/early_stopping.ts";
import type { Twin } from "../kernels/kernel.ts";
import { closeEpoch } from "./close_epoch.ts";

/** Twin of `shaders/early_stopping.wgsl`. */
export const earlyStopping: Twin<typeof kernel> = (u, buffers) => {
  const { networks, correct, keptCorrect } = buffers;
  for (let n = 0; n < u.networks; n++) {
    if (networks.get(n, "running") === 0) continue;
    const right = correct.subarray(n * u.tasks, (n + 1) * u.tasks);
    if (closeEpoch(networks, n, u.trainSamples, u.validationSamples)) keptCorrect.set(right, n * u.tasks);
    right.fill(0);
  }
};
