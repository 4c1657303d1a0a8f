import text from "../../shaders/prune_mask.wgsl";
import type { WgslSource } from "../base/wgsl_source.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";
import { variantsOf } from "./variants.ts";

/** Clears the bits of the weights that a finished selection sends away, in one layer, by a criterion. */
export const pruneMask = variantsOf((criterion: { readonly name: string; readonly wgsl: WgslSource }) =>
  defineKernel({
    name: "prune_mask",
    variant: criterion.name,
    sources: [shared.philox, criterion.wgsl, shared.selection, { file: "prune_mask.wgsl", text }],
    uniform: [
      "network",
      "selection",
      "layerWords",
      "rowWords",
      "inputBlocks",
      "weightOffset",
      "maskOffset",
      "networkParameters",
      "networkMask",
      "scale",
      "seed",
      "level",
    ],
    buffers: { parameters: "f32", selections: "structs", mask: "u32" },
    workgroup: [64, 1],
    constants: {},
    invocations: (u) => [u.layerWords, 1],
  }),
);
