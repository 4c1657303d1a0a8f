import type { keepBest as kernel } from "../kernels/keep_best.ts";
import type { Twin } from "../kernels/kernel.ts";

/** Twin of `shaders/keep_best.wgsl`. */
export const keepBest: Twin<typeof kernel> = (u, buffers, population) => {
  const { networks, parameters, bestParameters } = buffers;
  const length = u.networkParameters * 4;
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "improved") === 0 || networks.get(network, "keepBest") === 0) continue;
    bestParameters.set(parameters.subarray(network * length, (network + 1) * length), network * length);
  }
};
