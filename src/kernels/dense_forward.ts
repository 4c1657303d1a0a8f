import text from "../../shaders/dense_forward.wgsl";
import { activation } from "./activated.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** One dense layer, bias and activation included. */
export const denseForward = defineProduct({
  name: "dense_forward",
  sources: [shared.network, shared.layers, activation, shared.product, { file: "dense_forward.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads", "activates", "sharedInputs"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    parameters: "f32",
    inputs: "f32",
    outputs: "f32",
  },
  constants: {},
  extent: ({ outputs, quads }) => [4 * quads, outputs],
});
