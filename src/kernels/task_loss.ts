import text from "../../shaders/task_loss.wgsl";
import { elementLosses } from "./element_losses.ts";
import { defineKernel } from "./kernel.ts";
import { shared } from "./shared.ts";

/** Loss of a batch with its gradient (training) or scores (validation), task by task; one workgroup per network. */
export const taskLoss = defineKernel({
  name: "task_loss",
  sources: [shared.network, shared.finite, shared.loss, ...elementLosses, { file: "task_loss.wgsl", text }],
  uniform: ["samples", "batch", "quads", "tasks", "training", "networkLogits", "labelsAt", "networkSamples", "sums"],
  buffers: {
    tasks: "structs",
    data: "u32",
    batchSamples: "u32",
    logits: "f32",
    networks: "structs",
    logitGradients: "f32",
    scoreSums: "u32",
  },
  workgroup: [256, 1],
  constants: {},
  invocations: () => [1, 1],
});
