import type { Twin } from "../kernels/kernel.ts";
import type { sparseForward as kernel } from "../kernels/sparse_forward.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

/** Twin of `shaders/sparse_forward.wgsl`: sums in float64, in the order of the list. */
export const sparseForward: Twin<typeof kernel> = (u, buffers, population, variant = defaultActivation) => {
  const { networks, edges, parameters, inputs, outputs } = buffers;
  const { activated } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0 || networks.get(network, "sparse") === 0) continue;
    const base = network * u.networkParameters;
    const lists = network * u.networkEdges;
    const x = network * u.networkInputs * 4;
    const z = network * u.networkOutputs * 4;
    for (let output = 0; output < u.outputs; output++) {
      sums.fill(parameters[base + u.biasOffset + output]);
      for (let edge = edges[lists + u.rowsAt + output]; edge < edges[lists + u.rowsAt + output + 1]; edge++) {
        const element = edges[lists + edge];
        const w = parameters[base + u.weightOffset + element];
        const xRow = x + (element - output * u.rowStride) * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * inputs[xRow + s];
      }
      const zRow = z + output * columns;
      for (let s = 0; s < columns; s++) outputs[zRow + s] = u.activates === 1 ? activated(sums[s]) : sums[s];
    }
  }
};
