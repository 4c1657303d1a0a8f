import text from "../../shaders/radix_pick.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Closes a pass of the radix select. */
export const radixPick = defineKernel({
  name: "radix_pick",
  sources: [shared.selection, { file: "radix_pick.wgsl", text }],
  uniform: ["radixPass"],
  buffers: { histogram: "u32", selections: "structs" },
  workgroup: [256, 1],
  constants: {},
  invocations: () => [1, 1],
});
