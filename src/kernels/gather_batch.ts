import text from "../../shaders/gather_batch.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Input blocks that an invocation moves. */
const blocksEach = 8;

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
    "featuresAt",
    "networkInputs",
  ],
  buffers: { networks: "structs", data: "u32", standardization: "f32", inputs: "f32", batchSamples: "u32" },
  workgroup: [8, 8],
  constants: { blocks_each: blocksEach },
  invocations: (u) => [u.quads, Math.ceil(u.inputBlocks / blocksEach)],
});
