import type { WgslSource } from "../base/wgsl_source.ts";
import { losses } from "../loss/index.ts";
import { activations } from "../network/activations/index.ts";
import { criteria } from "../pruning/criteria.ts";
import { checkFinite } from "./check_finite.ts";
import { denseBackward } from "./dense_backward.ts";
import { denseForward } from "./dense_forward.ts";
import { denseUpdate } from "./dense_update.ts";
import { earlyStopping } from "./early_stopping.ts";
import { gatherBatch } from "./gather_batch.ts";
import { keepBest } from "./keep_best.ts";
import { pruneMask } from "./prune_mask.ts";
import { radixHistogram } from "./radix_histogram.ts";
import { radixPick } from "./radix_pick.ts";
import { residentEpoch, residentEpochInWorkgroup } from "./resident_epoch.ts";
import { sparseBackward } from "./sparse_backward.ts";
import { sparseForward } from "./sparse_forward.ts";
import { sparseUpdate } from "./sparse_update.ts";
import { taskLoss } from "./task_loss.ts";

const kernels = [
  ...[
    checkFinite,
    denseBackward,
    denseForward,
    denseUpdate,
    earlyStopping,
    gatherBatch,
    keepBest,
    pruneMask,
    radixHistogram,
  ],
  ...[radixPick, residentEpoch, residentEpochInWorkgroup, sparseBackward, sparseForward, sparseUpdate, taskLoss],
];

/** The WGSL that trains and prunes, with every choice of it, by file below `shaders/`, sorted. */
export function trainingSources(): WgslSource[] {
  const all: WgslSource[] = kernels.flatMap(({ sources }) => [...sources]);
  for (const name of activations.names)
    all.push({ file: `activations/${name}.wgsl`, text: activations.get(name).wgsl });
  for (const name of losses.names) {
    const { wgsl } = losses.get(name);
    if (wgsl !== undefined) all.push({ file: `losses/${name}.wgsl`, text: wgsl });
  }
  for (const name of criteria.names) {
    const criterion = criteria.get(name);
    const wgsl = "key" in criterion ? criterion.wgsl : undefined;
    if (wgsl) all.push(wgsl);
  }
  // The dispatch over losses, which is no file, follows from the losses.
  const files = new Map(all.filter(({ file }) => file.endsWith(".wgsl")).map((source) => [source.file, source]));
  return [...files.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}
