import text from "../../shaders/dense_update.wgsl";
import { adam } from "../network/adam.ts";
import { defineKernel } from "./kernel.ts";
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
  constants: {
    beta1: adam.beta1,
    beta2: adam.beta2,
    complement1: 1 - adam.beta1,
    complement2: 1 - adam.beta2,
    epsilon: adam.epsilon,
    ln_beta1: Math.log(adam.beta1),
    ln_beta2: Math.log(adam.beta2),
  },
  invocations: (u) => [u.inputBlocks * Math.ceil(u.outputs / 4), 1],
});
