import type { denseForward as kernel } from "../kernels/dense_forward.ts";
import type { Twin } from "../kernels/kernel.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

/** Twin of `shaders/dense_forward.wgsl`: sums in float64, in the order of the inputs, and skips zero weights. */
export const denseForward: Twin<typeof kernel> = (u, buffers, population, variant = defaultActivation) => {
  const { networks, parameters, inputs, outputs } = buffers;
  const { activated } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0 || networks.get(network, "sparse") === 1) continue;
    const base = network * u.networkParameters * 4;
    const x = network * u.networkInputs * 4;
    const z = network * u.networkOutputs * 4;
    const paddedOutputs = Math.ceil(u.outputs / 4) * 4;
    for (let output = 0; output < paddedOutputs; output++) {
      if (output >= u.outputs) {
        outputs.fill(0, z + output * columns, z + (output + 1) * columns);
        continue;
      }
      sums.fill(parameters[base + u.biasOffset * 4 + output]);
      const row = base + (u.weightOffset + output * u.inputBlocks) * 4;
      for (let input = 0; input < u.inputBlocks * 4; input++) {
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
