import text from "../../shaders/resident_epoch.wgsl";
import rowsInStorage from "../../shaders/rows/storage.wgsl";
import rowsInWorkgroup from "../../shaders/rows/workgroup.wgsl";
import { activation } from "./activated.ts";
import { elementLosses } from "./element_losses.ts";
import { defineKernel, type Kernel } from "./kernel.ts";
import { optimizerConstants } from "./optimizer_constants.ts";
import { shared } from "./shared.ts";
import { variantOf } from "./variants.ts";

const sources = [
  shared.network,
  shared.finite,
  shared.closeInterval,
  shared.philox,
  shared.order,
  shared.optimizer,
  shared.loss,
  activation,
  ...elementLosses,
];

const buffers = {
  placements: "structs",
  data: "u32",
  graph: "u32",
  networks: "structs",
  parameters: "f32",
  tallies: "u32",
  curves: "u32",
} as const;

/** A software adapter runs a workgroup on one thread; a GPU gets more (engine/adapter/adapter_engine.ts). */
const workgroup = [8, 1] as const;

/**
 * Trains every network of a population for several steps over the kept edges, one workgroup per network: the networks
 * whose rows are in storage.
 */
export const residentEpoch = defineKernel({
  name: "resident_epoch",
  sources: [...sources, { file: "rows/storage.wgsl", text: rowsInStorage }, { file: "resident_epoch.wgsl", text }],
  uniform: ["work"],
  buffers: { ...buffers, rows: "f32" },
  workgroup,
  constants: optimizerConstants,
  invocations: () => [1, 1],
});

/** The same for networks whose rows are in workgroup memory; {@link withRowVectors} sets its size. */
export const residentEpochInWorkgroup = defineKernel({
  name: "resident_epoch",
  sources: [...sources, { file: "rows/workgroup.wgsl", text: rowsInWorkgroup }, { file: "resident_epoch.wgsl", text }],
  uniform: ["work"],
  buffers,
  workgroup,
  constants: { ...optimizerConstants, row_vectors: 1 },
  invocations: () => [1, 1],
});

/** A kernel with a workgroup size. */
export function withWorkgroup<K extends Kernel>(kernel: K, workgroup: readonly [x: number, y: number]): K {
  return variantOf(kernel, workgroup.join(" x "), () => ({ ...kernel, workgroup }));
}

/** A kernel with memory for a number of vec4f of rows. */
export function withRowVectors<K extends Kernel>(kernel: K, vectors: number): K {
  return variantOf(kernel, `${vectors} row vectors`, () => ({
    ...kernel,
    constants: { ...kernel.constants, row_vectors: vectors },
  }));
}
