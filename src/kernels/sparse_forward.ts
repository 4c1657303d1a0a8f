import text from "../../shaders/sparse_forward.wgsl";
import { activation } from "./activated.ts";
import { defineLayerKernel } from "./layer_tiles.ts";
import { shared } from "./shared.ts";

/** Forward pass of one layer, with or without its activation, over the kept edges. */
export const sparseForward = defineLayerKernel({
  name: "sparse_forward",
  sources: [shared.network, shared.layers, activation, { file: "sparse_forward.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads", "activates", "sharedInputs"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    edges: "u32",
    parameters: "f32",
    inputs: "f32",
    outputs: "f32",
  },
  workgroup: [8, 8],
  constants: {},
  extent: ({ outputs, quads }) => [quads / 2, outputs],
});
