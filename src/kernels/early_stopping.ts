import text from "../../shaders/early_stopping.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Closes the interval before an evaluation: mean losses, best evaluation, and whether the level continues. */
export const earlyStopping = defineKernel({
  name: "early_stopping",
  sources: [shared.network, shared.finite, shared.closeInterval, { file: "early_stopping.wgsl", text }],
  uniform: ["networks", "sums", "trainSamples", "batch", "validationSamples"],
  buffers: { networks: "structs", scoreSums: "u32", keptScoreSums: "u32", curves: "u32", marks: "u32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.networks, 1],
});
