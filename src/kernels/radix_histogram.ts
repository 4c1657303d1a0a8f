import text from "../../shaders/radix_histogram.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** One counting pass of the exact radix select over one layer. */
export const radixHistogram = defineKernel({
  name: "radix_histogram",
  sources: [shared.philox, shared.ranking, shared.selection, { file: "radix_histogram.wgsl", text }],
  uniform: [
    "network",
    "selection",
    "radixPass",
    "layerWords",
    "rowWords",
    "inputBlocks",
    "weightOffset",
    "maskOffset",
    "networkParameters",
    "networkMask",
    "criterion",
    "seed",
    "level",
  ],
  buffers: { parameters: "f32", mask: "u32", selections: "structs", histogram: "u32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.layerWords, 1],
});
