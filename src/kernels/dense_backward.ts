import text from "../../shaders/dense_backward.wgsl";
import { activation } from "./activated.ts";
import { defineProduct } from "./product_tiles.ts";
import { shared } from "./shared.ts";

/** Loss gradient through one dense layer and the activation before it. */
export const denseBackward = defineProduct({
  name: "dense_backward",
  sources: [shared.network, activation, shared.product, { file: "dense_backward.wgsl", text }],
  uniform: [
    "inputBlocks",
    "outputs",
    "quads",
    "weightOffset",
    "networkParameters",
    "networkInputs",
    "networkOutputGradients",
  ],
  buffers: { networks: "structs", parameters: "f32", inputs: "f32", outputGradients: "f32", inputGradients: "f32" },
  constants: {},
  productSize: (u) => [4 * u.inputBlocks, 4 * u.quads],
});
