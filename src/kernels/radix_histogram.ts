import text from "../../shaders/radix_histogram.wgsl";
import { defineKernel } from "./kernel.ts";
import { criterion } from "./ranked.ts";
import { shared } from "./shared.ts";

/** One counting pass of the exact radix select over one layer, by the criterion compiled in. */
export const radixHistogram = defineKernel({
  name: "radix_histogram",
  sources: [shared.philox, criterion, shared.selection, { file: "radix_histogram.wgsl", text }],
  uniform: [
    "selection",
    "radixPass",
    "layerWords",
    "rowWords",
    "inputBlocks",
    "weightsAt",
    "maskOffset",
    "maskAt",
    "scale",
    "seed",
    "level",
  ],
  buffers: { parameters: "f32", mask: "u32", selections: "structs", histogram: "u32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.layerWords, 1],
});
