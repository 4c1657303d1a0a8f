import type { Twin } from "../kernels/kernel.ts";
import type { sparseForward as kernel } from "../kernels/sparse_forward.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import { listedLayers } from "./listed_layers.ts";

/** Twin of `shaders/sparse_forward.wgsl`: sums in float64, in the order of the list. */
export const sparseForward: Twin<typeof kernel> = (u, buffers, _population, variant = defaultActivation) => {
  const { networks, edges, parameters, inputs, outputs } = buffers;
  const { activated } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (const layer of listedLayers(u, buffers)) {
    if (networks.get(layer.network, "running") === 0) continue;
    const base = layer.parametersAt;
    const x = u.sharedInputs === 1 ? 0 : layer.inputRowsAt * columns;
    const z = layer.outputRowsAt * columns;
    for (let output = 0; output < layer.outputs; output++) {
      sums.fill(parameters[base + layer.biases + output]);
      for (let edge = edges[layer.rowsAt + output]; edge < edges[layer.rowsAt + output + 1]; edge++) {
        const element = edges[layer.edgesAt + edge];
        const w = parameters[base + layer.weights + element];
        const xRow = x + (element - output * layer.rowStride) * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * inputs[xRow + s];
      }
      const zRow = z + output * columns;
      for (let s = 0; s < columns; s++) outputs[zRow + s] = u.activates === 1 ? activated(sums[s]) : sums[s];
    }
  }
};
