import type { Twin } from "../kernels/kernel.ts";
import type { sparseUpdate as kernel } from "../kernels/sparse_update.ts";
import { optimizerStep } from "./optimizer_step.ts";

/** Twin of `shaders/sparse_update.wgsl`: gradients are summed in float64; numeric choices as in `dense_update.ts`. */
export const sparseUpdate: Twin<typeof kernel> = (u, buffers, population) => {
  const { networks, edges, inputs, outputGradients, parameters, moments } = buffers;
  const columns = u.quads * 4;
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0 || networks.get(network, "sparse") === 0) continue;
    const optimize = optimizerStep(networks, network, parameters, moments, u.networkParameters);
    const lists = network * u.networkEdges;
    const x = network * u.networkInputs * 4;
    const dz = network * u.networkOutputGradients * 4;
    for (let edge = edges[lists + u.rowsAt]; edge < edges[lists + u.rowsAt + u.outputs]; edge++) {
      const element = edges[lists + edge];
      const dzRow = dz + Math.floor(element / u.rowStride) * columns;
      const xRow = x + (element % u.rowStride) * columns;
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s] * inputs[xRow + s];
      optimize(u.weightOffset + element, gradient, true);
    }
    for (let output = 0; output < u.outputs; output++) {
      const dzRow = dz + output * columns;
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s];
      optimize(u.biasOffset + output, gradient, true);
    }
  }
};
