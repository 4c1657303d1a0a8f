import text from "../../shaders/radix_histogram.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Mask words per invocation: more means fewer histograms to clear and merge, fewer means more invocations. */
const wordsPerInvocation = 16;

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
  constants: { words_per_invocation: wordsPerInvocation },
  invocations: (u) => [Math.ceil(u.layerWords / wordsPerInvocation), 1],
});
