import text from "../../shaders/gather_batch.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Gathers and standardises one batch of every network, feature-major. */
export const gatherBatch = defineKernel({
  name: "gather_batch",
  sources: [shared.network, shared.philox, shared.order, { file: "gather_batch.wgsl", text }],
  uniform: [
    "samples",
    "batch",
    "quads",
    "inputBlocks",
    "shuffled",
    "first",
    "halfBits",
    "bytesPerInput",
    "networkInputs",
  ],
  buffers: { networks: "structs", features: "u32", standardization: "f32", inputs: "f32", batchSamples: "u32" },
  workgroup: [4, 16],
  constants: {},
  invocations: (u) => [u.quads, u.inputBlocks],
});
