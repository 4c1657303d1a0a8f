import text from "../../shaders/dense_backward.wgsl";
import { activation } from "./activated.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** Loss gradient through one dense layer and the activation before it. */
export const denseBackward = defineProduct({
  name: "dense_backward",
  sources: [shared.network, shared.layers, activation, shared.product, { file: "dense_backward.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    parameters: "f32",
    inputs: "f32",
    outputGradients: "f32",
    inputGradients: "f32",
  },
  constants: {},
  extent: ({ inputs, quads }) => [4 * quads, 4 * Math.ceil(inputs / 4)],
});
