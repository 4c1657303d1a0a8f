import text from "../../shaders/resident_epoch.wgsl";
import { activation } from "./activated.ts";
import { elementLosses } from "./element_losses.ts";
import { defineKernel } from "./kernel.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";

/** Trains every network of a population for a while, one workgroup each, over the edges that are left. */
export const residentEpoch = defineKernel({
  name: "resident_epoch",
  sources: [
    shared.network,
    shared.closeEpoch,
    shared.philox,
    shared.order,
    shared.optimizer,
    shared.loss,
    activation,
    ...elementLosses,
    { file: "resident_epoch.wgsl", text },
  ],
  uniform: ["work"],
  buffers: {
    placements: "structs",
    data: "u32",
    graph: "u32",
    networks: "structs",
    parameters: "f32",
    activations: "f32",
    tallies: "f32",
  },
  // The fastest of those tried on lavapipe, where barriers are dear; a GPU gets more (src/engine/adapter/adapter_engine.ts).
  workgroup: [8, 1],
  constants: optimizerConstants,
  invocations: () => [1, 1],
});
