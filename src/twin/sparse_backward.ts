import type { Twin } from "../kernels/kernel.ts";
import type { sparseBackward as kernel } from "../kernels/sparse_backward.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

/** Twin of `shaders/sparse_backward.wgsl`: sums in float64, in the order of the list. */
export const sparseBackward: Twin<typeof kernel> = (u, buffers, population, variant = defaultActivation) => {
  const { networks, edges, parameters, inputs, outputGradients, inputGradients } = buffers;
  const { passedBack } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0 || networks.get(network, "sparse") === 0) continue;
    const weights = network * u.networkParameters + u.weightOffset;
    const lists = network * u.networkEdges;
    const x = network * u.networkInputs * 4;
    const dz = network * u.networkOutputGradients * 4;
    for (let input = 0; input < u.inputs; input++) {
      sums.fill(0);
      for (let edge = edges[lists + u.columnsAt + input]; edge < edges[lists + u.columnsAt + input + 1]; edge++) {
        const output = edges[lists + edge];
        const w = parameters[weights + output * u.rowStride + input];
        const dzRow = dz + output * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * outputGradients[dzRow + s];
      }
      const xRow = x + input * columns;
      for (let s = 0; s < columns; s++) inputGradients[xRow + s] = passedBack(sums[s], inputs[xRow + s]);
    }
  }
};
