import text from "../../shaders/sparse_backward.wgsl";
import { activation } from "./activated.ts";
import { defineLayerKernel } from "./layer_tiles.ts";
import { shared } from "./shared.ts";

/** Loss gradient through one layer and the activation before it, over the kept edges. */
export const sparseBackward = defineLayerKernel({
  name: "sparse_backward",
  sources: [shared.network, shared.layers, activation, { file: "sparse_backward.wgsl", text }],
  uniform: ["firstTile", "tiles", "layer", "layers", "quads"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    edges: "u32",
    parameters: "f32",
    inputs: "f32",
    outputGradients: "f32",
    inputGradients: "f32",
  },
  workgroup: [8, 8],
  constants: {},
  extent: ({ inputs, quads }) => [quads / 2, inputs],
});
