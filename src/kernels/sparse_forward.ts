import text from "../../shaders/sparse_forward.wgsl";
import { activation } from "./activated.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Forward pass of one layer, with or without its activation, over the kept edges. */
export const sparseForward = defineKernel({
  name: "sparse_forward",
  sources: [shared.network, activation, { file: "sparse_forward.wgsl", text }],
  uniform: [
    "outputs",
    "quads",
    "activates",
    "rowStride",
    "weightOffset",
    "biasOffset",
    "rowsAt",
    "networkParameters",
    "networkEdges",
    "networkInputs",
    "networkOutputs",
  ],
  buffers: { networks: "structs", edges: "u32", parameters: "f32", inputs: "f32", outputs: "f32" },
  workgroup: [8, 8],
  constants: {},
  invocations: (u) => [u.quads / 2, u.outputs],
});
