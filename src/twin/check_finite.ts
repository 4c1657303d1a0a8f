import type { checkFinite as kernel } from "../kernels/check_finite.ts";
import type { Twin } from "../kernels/kernel.ts";
import { listedLayers } from "./listed_layers.ts";

/** Twin of `shaders/check_finite.wgsl`. */
export const checkFinite: Twin<typeof kernel> = (u, buffers) => {
  const { networks, parameters: current, moments, marks } = buffers;
  for (const { network, parametersAt, parameters } of listedLayers(u, buffers)) {
    if (networks.get(network, "running") === 0) continue;
    const state = [
      current.subarray(parametersAt, parametersAt + parameters),
      moments.subarray(2 * parametersAt, 2 * (parametersAt + parameters)),
    ];
    if (!state.every((values) => values.every(Number.isFinite))) marks[network] = 1;
  }
};
