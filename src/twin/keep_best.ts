import type { keepBest as kernel } from "../kernels/keep_best.ts";
import type { Twin } from "../kernels/kernel.ts";
import { listedLayers } from "./listed_layers.ts";

/** Twin of `shaders/keep_best.wgsl`. */
export const keepBest: Twin<typeof kernel> = (u, buffers) => {
  const { networks, parameters: current, bestParameters } = buffers;
  for (const { network, parametersAt, parameters } of listedLayers(u, buffers)) {
    if (networks.get(network, "improved") === 0 || networks.get(network, "keepBest") === 0) continue;
    const evaluatedAt = networks.get(network, "evaluations") * networks.get(network, "evaluateEvery");
    if (networks.get(network, "step") !== evaluatedAt) continue;
    bestParameters.set(current.subarray(parametersAt, parametersAt + parameters), parametersAt);
  }
};
