import text from "../../shaders/rewind.wgsl";
import { defineKernel } from "./kernel.ts";

/** Rewinds one layer to its initial values under the mask and clears the optimiser's moments. */
export const rewind = defineKernel({
  name: "rewind",
  sources: [{ file: "rewind.wgsl", text }],
  uniform: [
    "network",
    "outputs",
    "inputBlocks",
    "rowWords",
    "weightOffset",
    "biasOffset",
    "maskOffset",
    "networkParameters",
    "networkMask",
  ],
  buffers: { mask: "u32", initialParameters: "f32", parameters: "f32", moments: "f32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.outputs * u.inputBlocks + Math.ceil(u.outputs / 4), 1],
});
