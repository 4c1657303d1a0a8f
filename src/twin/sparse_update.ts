import type { Twin } from "../kernels/kernel.ts";
import type { sparseUpdate as kernel } from "../kernels/sparse_update.ts";
import { listedLayers } from "./listed_layers.ts";
import { optimizerStep } from "./optimizer_step.ts";

/** Twin of `shaders/sparse_update.wgsl`: gradients are summed in float64; numeric choices as in `dense_update.ts`. */
export const sparseUpdate: Twin<typeof kernel> = (u, buffers) => {
  const { networks, edges, inputs, outputGradients, parameters, moments } = buffers;
  const columns = u.quads * 4;
  for (const layer of listedLayers(u, buffers)) {
    if (networks.get(layer.network, "running") === 0) continue;
    const optimize = optimizerStep(networks, layer, parameters, moments);
    const x = layer.inputRowsAt * columns;
    const dz = layer.outputRowsAt * columns;
    for (let edge = edges[layer.rowsAt]; edge < edges[layer.rowsAt + layer.outputs]; edge++) {
      const element = edges[layer.edgesAt + edge];
      const dzRow = dz + Math.floor(element / layer.rowStride) * columns;
      const xRow = x + (element % layer.rowStride) * columns;
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s] * inputs[xRow + s];
      optimize(layer.weights + element, gradient, true);
    }
    const biasBits = layer.rowsAt + layer.outputs + 1;
    for (let output = 0; output < layer.outputs; output++) {
      if (((edges[biasBits + Math.floor(output / 32)] >>> (output % 32)) & 1) === 0) continue;
      const dzRow = dz + output * columns;
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s];
      optimize(layer.biases + output, gradient, true);
    }
  }
};
