import text from "../../shaders/dense_update.wgsl";
import { optimizerConstants } from "./optimizer_constants.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** Gradient of one dense layer's weights and biases and its optimiser step, under the mask. */
export const denseUpdate = defineProduct({
  name: "dense_update",
  sources: [shared.network, shared.optimizer, shared.product, { file: "dense_update.wgsl", text }],
  uniform: [
    "inputBlocks",
    "outputs",
    "quads",
    "weightOffset",
    "biasOffset",
    "maskOffset",
    "rowWords",
    "networkParameters",
    "networkMask",
    "networkInputs",
    "networkOutputGradients",
  ],
  buffers: {
    networks: "structs",
    inputs: "f32",
    outputGradients: "f32",
    mask: "u32",
    parameters: "f32",
    moments: "f32",
  },
  constants: optimizerConstants,
  // One more block of columns holds the gradients of the biases.
  productSize: (u) => [u.outputs, 4 * u.inputBlocks + 4],
});
