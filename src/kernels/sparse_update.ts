import text from "../../shaders/sparse_update.wgsl";
import { defineLayerKernel } from "./layer_tiles.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";

/** Gradient of one layer's weights and biases and its optimiser step, over the kept edges. */
export const sparseUpdate = defineLayerKernel({
  name: "sparse_update",
  sources: [shared.network, shared.layers, shared.optimizer, { file: "sparse_update.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    edges: "u32",
    inputs: "f32",
    outputGradients: "f32",
    parameters: "f32",
    moments: "f32",
  },
  workgroup: [64, 1],
  constants: optimizerConstants,
  extent: ({ edges, outputs }) => [edges + outputs, 1],
});
