import text from "../../shaders/resident_epoch.wgsl";
import { activation } from "./activated.ts";
import { elementLosses } from "./element_losses.ts";
import { defineKernel } from "./kernel.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";

/** Trains every network of a population for several steps over the kept edges, one workgroup per network. */
export const residentEpoch = defineKernel({
  name: "resident_epoch",
  sources: [
    shared.network,
    shared.finite,
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
  // The fastest size measured on lavapipe, where barriers are slow. A GPU gets more (engine/adapter/adapter_engine.ts).
  workgroup: [8, 1],
  constants: optimizerConstants,
  invocations: () => [1, 1],
});
