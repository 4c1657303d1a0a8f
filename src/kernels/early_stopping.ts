import text from "../../shaders/early_stopping.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Closes an epoch: mean losses, best epoch, and whether the level continues. */
export const earlyStopping = defineKernel({
  name: "early_stopping",
  sources: [shared.network, shared.finite, shared.closeEpoch, { file: "early_stopping.wgsl", text }],
  uniform: ["networks", "sums", "trainSamples", "validationSamples"],
  buffers: { networks: "structs", scoreSums: "u32", keptScoreSums: "u32", curves: "u32", marks: "u32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.networks, 1],
});
