import type { earlyStopping as kernel } from "../kernels/early_stopping.ts";
import type { Twin } from "../kernels/kernel.ts";
import { closeInterval, endsInterval, writeCurves } from "./close_interval.ts";

/** Twin of `shaders/early_stopping.wgsl`. */
export const earlyStopping: Twin<typeof kernel> = (u, buffers) => {
  const { networks, scoreSums, keptScoreSums, curves, marks } = buffers;
  for (let n = 0; n < u.networks; n++) {
    if (networks.get(n, "running") === 0) continue;
    const sums = scoreSums.subarray(n * u.sums, (n + 1) * u.sums);
    if (endsInterval(networks, n)) {
      const train = { samples: u.trainSamples, batch: u.batch };
      const keeps = closeInterval(networks, n, train, u.validationSamples, marks[n] === 0);
      if (keeps) keptScoreSums.set(sums, n * u.sums);
      writeCurves(networks, n, sums, curves);
    }
    networks.set(n, "validationLossSum", 0);
    sums.fill(0);
    marks[n] = 0;
  }
};
