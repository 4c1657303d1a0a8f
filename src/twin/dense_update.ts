import type { denseUpdate as kernel } from "../kernels/dense_update.ts";
import type { Twin } from "../kernels/kernel.ts";
import { listedLayers } from "./listed_layers.ts";
import { optimizerStep } from "./optimizer_step.ts";

/**
 * Twin of `shaders/dense_update.wgsl`. Numeric choices:
 * - The bias corrections 1 - beta^t are `-expm1(t ln beta)`. The kernel has no expm1, and f32 `1 - pow(0.999, 1)` has
 *   only three correct digits, so `one_minus_exp` in `shaders/shared/optimizer.wgsl` is a Taylor polynomial near 0.
 * - epsilon 1e-8 is added after the root, as in algorithm 1 of Kingma and Ba and in PyTorch. The kernel divides the
 *   root, not the moment, by the root of the second correction, which is the same in exact arithmetic.
 * - Moments are stored as f32 after each step, like the kernel's; gradients are summed in float64.
 */
export const denseUpdate: Twin<typeof kernel> = (u, buffers) => {
  const { networks, inputs, outputGradients, mask, parameters, moments } = buffers;
  const columns = u.quads * 4;

  for (const layer of listedLayers(u, buffers)) {
    if (networks.get(layer.network, "running") === 0) continue;
    const optimize = optimizerStep(networks, layer, parameters, moments);
    const x = layer.inputRowsAt * columns;
    const dz = layer.outputRowsAt * columns;
    const rowWords = Math.ceil(layer.inputs / 32);
    for (let output = 0; output < layer.outputs; output++) {
      const dzRow = dz + output * columns;
      for (let input = 0; input < layer.rowStride; input++) {
        const word = mask[layer.maskAt + output * rowWords + (input >>> 5)];
        const at = layer.weights + output * layer.rowStride + input;
        if (((word >>> (input & 31)) & 1) === 0) {
          optimize(at, 0, false);
          continue;
        }
        const xRow = x + input * columns;
        let gradient = 0;
        for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s] * inputs[xRow + s];
        optimize(at, gradient, true);
      }
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += outputGradients[dzRow + s];
      const biasWord = mask[layer.biasMaskAt + Math.floor(output / 32)];
      optimize(layer.biases + output, gradient, ((biasWord >>> (output % 32)) & 1) === 1);
    }
    const paddedOutputs = Math.ceil(layer.outputs / 4) * 4;
    for (let output = layer.outputs; output < paddedOutputs; output++) optimize(layer.biases + output, 0, false);
  }
};
