import text from "../../shaders/dense_update.wgsl";
import { optimizerConstants } from "./optimizer_constants.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** Gradient of one dense layer's weights and biases and its optimiser step, under the mask. */
export const denseUpdate = defineProduct({
  name: "dense_update",
  sources: [shared.network, shared.layers, shared.optimizer, shared.product, { file: "dense_update.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    inputs: "f32",
    outputGradients: "f32",
    mask: "u32",
    parameters: "f32",
    moments: "f32",
  },
  constants: optimizerConstants,
  // One more block of columns holds the gradients of the biases.
  extent: ({ inputs, outputs }) => [4 * Math.ceil(inputs / 4) + 4, outputs],
});
