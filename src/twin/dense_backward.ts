import type { denseBackward as kernel } from "../kernels/dense_backward.ts";
import type { Twin } from "../kernels/kernel.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";

/** Twin of `shaders/dense_backward.wgsl`: sums in float64, in the order of the outputs, and skips zero weights. */
export const denseBackward: Twin<typeof kernel> = (u, buffers, population, variant = defaultActivation) => {
  const { networks, parameters, inputs, outputGradients, inputGradients } = buffers;
  const { passedBack } = activations.get(variant);
  const columns = u.quads * 4;
  const sums = new Float64Array(columns);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0 || networks.get(network, "sparse") === 1) continue;
    const weights = (network * u.networkParameters + u.weightOffset) * 4;
    const x = network * u.networkInputs * 4;
    const dz = network * u.networkOutputGradients * 4;
    for (let input = 0; input < u.inputBlocks * 4; input++) {
      sums.fill(0);
      for (let output = 0; output < u.outputs; output++) {
        const w = parameters[weights + output * u.inputBlocks * 4 + input];
        if (w === 0) continue;
        const dzRow = dz + output * columns;
        for (let s = 0; s < columns; s++) sums[s] += w * outputGradients[dzRow + s];
      }
      const xRow = x + input * columns;
      for (let s = 0; s < columns; s++) inputGradients[xRow + s] = passedBack(sums[s], inputs[xRow + s]);
    }
  }
};
