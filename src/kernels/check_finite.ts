import text from "../../shaders/check_finite.wgsl";
import { defineLayerKernel } from "./layer_tiles.ts";
import { shared } from "./shared.ts";

/** Marks networks with a parameter or moment that is NaN or infinite. */
export const checkFinite = defineLayerKernel({
  name: "check_finite",
  sources: [shared.network, shared.layers, shared.finite, { file: "check_finite.wgsl", text }],
  uniform: ["firstTile", "tiles", "layers"],
  buffers: {
    networks: "structs",
    tiles: "structs",
    layers: "structs",
    parameters: "f32",
    moments: "f32",
    marks: "u32",
  },
  workgroup: [64, 1],
  constants: {},
  extent: ({ parameters }) => [parameters, 1],
});
