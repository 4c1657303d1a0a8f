import text from "../../shaders/dense_forward.wgsl";
import { activation } from "./activated.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** One dense layer, bias and activation included. */
export const denseForward = defineKernel({
  name: "dense_forward",
  sources: [shared.network, activation, { file: "dense_forward.wgsl", text }],
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
  workgroup: [8, 8],
  constants: {},
  invocations: (u) => [u.quads / 2, Math.ceil(u.outputs / 4)],
});
