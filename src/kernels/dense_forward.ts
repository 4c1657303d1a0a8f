import text from "../../shaders/dense_forward.wgsl";
import { activation } from "./activated.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** One dense layer, bias and activation included. */
export const denseForward = defineProduct({
  name: "dense_forward",
  sources: [shared.network, activation, shared.product, { file: "dense_forward.wgsl", text }],
  uniform: [
    "inputBlocks",
    "outputs",
    "quads",
    "activates",
    "weightOffset",
    "biasOffset",
    "networkParameters",
    "networkInputs",
    "networkOutputs",
  ],
  buffers: { networks: "structs", parameters: "f32", inputs: "f32", outputs: "f32" },
  constants: {},
  productSize: (u) => [u.outputs, 4 * u.quads],
});
