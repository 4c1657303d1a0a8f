import text from "../../shaders/prune_mask.wgsl";
import { defineKernel } from "./kernel.ts";
import { criterion } from "./ranked.ts";
import { shared } from "./shared.ts";

/** Clears the mask bits of the weights that a finished selection prunes, in one layer, by the criterion compiled in. */
export const pruneMask = defineKernel({
  name: "prune_mask",
  sources: [shared.philox, criterion, shared.selection, { file: "prune_mask.wgsl", text }],
  uniform: [
    "selection",
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
  buffers: { parameters: "f32", selections: "structs", mask: "u32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.layerWords, 1],
});
