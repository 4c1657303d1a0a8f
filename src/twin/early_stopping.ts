import type { earlyStopping as kernel } from "../kernels/early_stopping.ts";
import type { Twin } from "../kernels/kernel.ts";
import { closeEpoch, writeCurves } from "./close_epoch.ts";

/** Twin of `shaders/early_stopping.wgsl`. */
export const earlyStopping: Twin<typeof kernel> = (u, buffers) => {
  const { networks, scoreSums, keptScoreSums, curves, marks } = buffers;
  for (let n = 0; n < u.networks; n++) {
    if (networks.get(n, "running") === 0) continue;
    const sums = scoreSums.subarray(n * u.sums, (n + 1) * u.sums);
    if (closeEpoch(networks, n, u.trainSamples, u.validationSamples, marks[n] === 0))
      keptScoreSums.set(sums, n * u.sums);
    writeCurves(networks, n, sums, curves);
    sums.fill(0);
    marks[n] = 0;
  }
};
