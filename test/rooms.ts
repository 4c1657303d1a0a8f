/**
 * The rooms of src/ and whom each may import: data goes one way, dataset -> device -> engine -> mask -> analysis -> store / report.
 * Everything may import base; `types` may be imported as types only. The table of ARCHITECTURE.md says the same.
 */
export const rooms: Record<string, { imports: string[]; types?: string[] }> = {
  base: { imports: [] },
  loss: { imports: [] },
  network: { imports: [] },
  mask: { imports: [] },
  dataset: { imports: ["loss"] },
  device: { imports: [] },
  store: { imports: ["loss", "network", "mask"] },
  kernels: { imports: ["device", "pruning", "loss", "network", "mask"] },
  pruning: { imports: ["network", "mask"] },
  // A twin has its kernel's own arguments, or plain values that a dataset holds, so it may name their types.
  twin: { imports: ["pruning", "loss", "network", "mask"], types: ["kernels", "dataset"] },
  analysis: { imports: ["network", "mask"] },
  nulls: { imports: ["analysis", "network", "mask"] },
  function: { imports: ["analysis", "loss", "network", "mask"] },
  engine: { imports: ["kernels", "loss", "device", "twin", "pruning", "dataset", "network", "mask"] },
  benchmark: { imports: ["engine", "kernels", "device", "twin", "dataset", "network", "mask"] },
  lottery: { imports: ["engine", "loss", "pruning", "dataset", "network", "mask", "analysis", "nulls", "store"] },
  report: { imports: ["store", "loss", "analysis", "nulls"], types: ["lottery", "function"] },
  export: { imports: ["analysis", "network", "mask"] },
  table: { imports: ["store", "report", "analysis"] },
  run: {
    imports: ["lottery", "function", "store", "engine", "dataset", "device", "analysis", "nulls", "network", "mask"],
  },
  reproduction: { imports: ["lottery", "store", "analysis", "network", "mask", "dataset", "report"] },
};
/** Where the WGSL of the choices in a folder lies: a choice imports the shader of its own stem. */
export const shadersOfChoices: Readonly<Record<string, string>> = {
  "src/loss/": "shaders/losses/",
  "src/network/activations/": "shaders/activations/",
  "src/pruning/criteria/": "shaders/criteria/",
};
/** Folders of the engine room, and which others of it each may import; all may import the files above them. */
export const engineFolders: Record<string, string[]> = {
  shared: [],
  tiled: ["shared"],
  resident: ["shared"],
  cpu: ["shared"],
  adapter: ["tiled", "resident", "shared"],
};
/** They may import anything, and nothing imports them. */
export const faces = ["cli", "web"];
