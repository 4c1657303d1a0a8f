import text from "../../shaders/radix_histogram.wgsl";
import type { WgslSource } from "../base/wgsl_source.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";
import { variantsOf } from "./variants.ts";

/** One counting pass of the exact radix select over one layer, by a criterion. */
export const radixHistogram = variantsOf((criterion: { readonly name: string; readonly wgsl: WgslSource }) =>
  defineKernel({
    name: "radix_histogram",
    variant: criterion.name,
    sources: [shared.philox, criterion.wgsl, shared.selection, { file: "radix_histogram.wgsl", text }],
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
      "scale",
      "seed",
      "level",
    ],
    buffers: { parameters: "f32", mask: "u32", selections: "structs", histogram: "u32" },
    workgroup: [64, 1],
    constants: {},
    invocations: (u) => [u.layerWords, 1],
  }),
);
