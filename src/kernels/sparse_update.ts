import text from "../../shaders/sparse_update.wgsl";
import { defineKernel } from "./kernel.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";

/** Gradient of one layer's weights and biases and its optimiser step, over the kept edges. */
export const sparseUpdate = defineKernel({
  name: "sparse_update",
  sources: [shared.network, shared.optimizer, { file: "sparse_update.wgsl", text }],
  uniform: [
    "mostEdges",
    "outputs",
    "quads",
    "rowStride",
    "weightOffset",
    "biasOffset",
    "rowsAt",
    "networkParameters",
    "networkEdges",
    "networkInputs",
    "networkOutputGradients",
  ],
  buffers: {
    networks: "structs",
    edges: "u32",
    inputs: "f32",
    outputGradients: "f32",
    parameters: "f32",
    moments: "f32",
  },
  workgroup: [64, 1],
  constants: optimizerConstants,
  invocations: (u) => [u.mostEdges + u.outputs, 1],
});
