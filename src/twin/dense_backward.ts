import type { denseBackward as kernel } from "../kernels/dense_backward.ts";
import type { Twin } from "../kernels/kernel.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

import { listedLayers } from "./listed_layers.ts";

/** Twin of `shaders/dense_backward.wgsl`: sums in float64, in the order of the outputs, and skips zero weights. */
export const denseBackward: Twin<typeof kernel> = (u, buffers, _population, variant = defaultActivation) => {
  const { networks, parameters, inputs, outputGradients, inputGradients } = buffers;
  const { passedBack } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (const layer of listedLayers(u, buffers)) {
    if (networks.get(layer.network, "running") === 0) continue;
    const weights = layer.parametersAt + layer.weights;
    const x = layer.inputRowsAt * columns;
    const dz = layer.outputRowsAt * columns;
    for (let input = 0; input < layer.rowStride; input++) {
      sums.fill(0);
      for (let output = 0; output < layer.outputs; output++) {
        const w = parameters[weights + output * layer.rowStride + input];
        if (w === 0) continue;
        const dzRow = dz + output * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * outputGradients[dzRow + s];
      }
      const xRow = x + input * columns;
      for (let s = 0; s < columns; s++) inputGradients[xRow + s] = passedBack(sums[s], inputs[xRow + s]);
    }
  }
};
