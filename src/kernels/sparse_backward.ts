import text from "../../shaders/sparse_backward.wgsl";
import { activation } from "./activated.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Loss gradient through one layer and the activation before it, over the kept edges. */
export const sparseBackward = defineKernel({
  name: "sparse_backward",
  sources: [shared.network, activation, { file: "sparse_backward.wgsl", text }],
  uniform: [
    "inputs",
    "quads",
    "rowStride",
    "weightOffset",
    "columnsAt",
    "networkParameters",
    "networkEdges",
    "networkInputs",
    "networkOutputGradients",
  ],
  buffers: {
    networks: "structs",
    edges: "u32",
    parameters: "f32",
    inputs: "f32",
    outputGradients: "f32",
    inputGradients: "f32",
  },
  workgroup: [8, 8],
  constants: {},
  invocations: (u) => [u.quads / 2, u.inputs],
});
