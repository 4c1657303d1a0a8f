import text from "../../shaders/dense_backward.wgsl";
import { activation } from "./activated.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Loss gradient through one dense layer and the activation before it. */
export const denseBackward = defineKernel({
  name: "dense_backward",
  sources: [shared.network, activation, { file: "dense_backward.wgsl", text }],
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
  workgroup: [8, 8],
  constants: {},
  invocations: (u) => [u.quads / 2, u.inputBlocks],
});
