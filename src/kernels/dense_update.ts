import text from "../../shaders/dense_update.wgsl";
import { defineKernel } from "./kernel.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";

/** Gradient of one dense layer's weights and biases and its optimiser step, under the mask. */
export const denseUpdate = defineKernel({
  name: "dense_update",
  sources: [shared.network, shared.optimizer, { file: "dense_update.wgsl", text }],
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
  workgroup: [64, 1],
  constants: optimizerConstants,
  invocations: (u) => [u.inputBlocks * Math.ceil(u.outputs / 4), 1],
});
