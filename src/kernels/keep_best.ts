import text from "../../shaders/keep_best.wgsl";
import { defineLayerKernel } from "./layer_tiles.ts";
import { shared } from "./shared.ts";

/** Copies the parameters of networks that have just been evaluated, best so far. */
export const keepBest = defineLayerKernel({
  name: "keep_best",
  sources: [shared.network, shared.layers, { file: "keep_best.wgsl", text }],
  uniform: ["firstTile", "tiles", "layers"],
  buffers: { networks: "structs", tiles: "structs", layers: "structs", parameters: "f32", bestParameters: "f32" },
  workgroup: [64, 1],
  constants: {},
  extent: ({ parameters }) => [parameters, 1],
});
