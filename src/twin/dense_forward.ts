import type { denseForward as kernel } from "../kernels/dense_forward.ts";
import type { Twin } from "../kernels/kernel.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

import { listedLayers } from "./listed_layers.ts";

/** Twin of `shaders/dense_forward.wgsl`: sums in float64, in the order of the inputs, and skips zero weights. */
export const denseForward: Twin<typeof kernel> = (u, buffers, _population, variant = defaultActivation) => {
  const { networks, parameters, inputs, outputs } = buffers;
  const { activated } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (const layer of listedLayers(u, buffers)) {
    if (networks.get(layer.network, "running") === 0) continue;
    const x = u.sharedInputs === 1 ? 0 : layer.inputRowsAt * columns;
    const z = layer.outputRowsAt * columns;
    const paddedOutputs = Math.ceil(layer.outputs / 4) * 4;
    for (let output = 0; output < paddedOutputs; output++) {
      if (output >= layer.outputs) {
        outputs.fill(0, z + output * columns, z + (output + 1) * columns);
        continue;
      }
      sums.fill(parameters[layer.parametersAt + layer.biases + output]);
      const row = layer.parametersAt + layer.weights + output * layer.rowStride;
      for (let input = 0; input < layer.rowStride; input++) {
        const w = parameters[row + input];
        if (w === 0) continue;
        const xRow = x + input * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * inputs[xRow + s];
      }
      const zRow = z + output * columns;
      for (let s = 0; s < columns; s++) outputs[zRow + s] = u.activates === 1 ? activated(sums[s]) : sums[s];
    }
  }
};
