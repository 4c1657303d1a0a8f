import text from "../../shaders/keep_best.wgsl";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Copies the parameters of networks whose last epoch was their best. */
export const keepBest = defineKernel({
  name: "keep_best",
  sources: [shared.network, { file: "keep_best.wgsl", text }],
  uniform: ["networkParameters"],
  buffers: { networks: "structs", parameters: "f32", bestParameters: "f32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.networkParameters, 1],
});
