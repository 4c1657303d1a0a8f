import { StructArray } from "../../base/struct_array.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { pruneMask } from "../../kernels/prune_mask.ts";
import { radixHistogram } from "../../kernels/radix_histogram.ts";
import { radixPick } from "../../kernels/radix_pick.ts";
import { rewind } from "../../kernels/rewind.ts";
import type { Mask } from "../../mask/mask.ts";
import { layerTargets } from "../../pruning/layer_budgets.ts";
import type { Selection } from "../../pruning/selection.ts";
import type { PreparedCall } from "../shared/executor.ts";
import type { Population } from "./population.ts";

/** The kernels that pruning and rewinding call. */
export const pruningKernels: readonly Kernel[] = [radixHistogram, radixPick, pruneMask, rewind];

/** Passes of the radix select: two over the bits of |w|, two over the index (`shaders/shared/selection.wgsl`). */
const radixPasses = 4;

const criteria = { magnitude: 0, random: 1 } as const;

/**
 * Enqueues the exact selection of the weights that go and the writing of the next mask of one slot.
 * @param mask the mask in force, with at least `selection.remaining` weights
 * @param seed, level key the random criterion
 */
export function prune(
  population: Population,
  slot: number,
  mask: Mask,
  selection: Selection,
  seed: number,
  level: number,
): void {
  const { executor, sizes } = population;
  const layers = Array.from({ length: sizes.layers }, (_, layer) => layer);
  const kept = layers.map((layer) => mask.count(layer));
  const isGlobal = selection.scope === "global";
  const goes = isGlobal
    ? [mask.count() - selection.remaining]
    : layerTargets(kept, selection.remaining).map((target, layer) => kept[layer] - target);

  // One selection a layer; a global selection uses the first for all layers. Slots share them: a pruning is one submission.
  const selections = new StructArray(
    sizes.selectionStruct,
    new ArrayBuffer(sizes.selectionStruct.sizeBytes * sizes.layers),
  );
  layers.forEach((layer) => {
    // A selection that takes nothing is settled from the start.
    selections.set(layer, "rank", goes[layer] ?? 0);
    selections.set(layer, "settled", goes[layer] ? 0 : 1);
  });
  executor.write(population.buffer("selections"), new Uint8Array(selections.bytes));

  const layerCall = (layer: number) => ({
    network: slot,
    selection: isGlobal ? 0 : layer,
    layerWords: sizes.mask.rowWords[layer] * sizes.plan.shape[layer + 1],
    rowWords: sizes.mask.rowWords[layer],
    inputBlocks: sizes.parameters.rowStride[layer] / 4,
    weightOffset: sizes.parameters.weightOffset[layer] / 4,
    maskOffset: sizes.mask.wordOffset[layer],
    networkParameters: sizes.parameters.length / 4,
    networkMask: sizes.mask.words,
    criterion: criteria[selection.criterion],
    seed,
    level,
  });
  const buffers = {
    parameters: population.buffer("parameters"),
    mask: population.buffer("mask"),
    selections: population.buffer("selections"),
    histogram: population.buffer("histogram"),
  };
  const taking = layers.filter((layer) => goes[isGlobal ? 0 : layer] > 0);
  const calls: PreparedCall[] = [];
  for (let radixPass = 0; radixPass < radixPasses; radixPass++) {
    for (const layer of taking) {
      calls.push(executor.prepare(radixHistogram, { ...layerCall(layer), radixPass }, buffers, 1));
    }
    calls.push(executor.prepare(radixPick, { radixPass }, buffers, isGlobal ? 1 : sizes.layers));
  }
  for (const layer of taking) calls.push(executor.prepare(pruneMask, layerCall(layer), buffers, 1));
  runOnce(population, calls);
}

/** Enqueues the rewinding of one slot to its initial values under its mask. */
export function rewindSlot(population: Population, slot: number): void {
  const { executor, sizes } = population;
  const calls = Array.from({ length: sizes.layers }, (_, layer) =>
    executor.prepare(
      rewind,
      {
        network: slot,
        outputs: sizes.plan.shape[layer + 1],
        inputBlocks: sizes.parameters.rowStride[layer] / 4,
        rowWords: sizes.mask.rowWords[layer],
        weightOffset: sizes.parameters.weightOffset[layer] / 4,
        biasOffset: sizes.parameters.biasOffset[layer] / 4,
        maskOffset: sizes.mask.wordOffset[layer],
        networkParameters: sizes.parameters.length / 4,
        networkMask: sizes.mask.words,
      },
      {
        mask: population.buffer("mask"),
        initialParameters: population.buffer("initialParameters"),
        parameters: population.buffer("parameters"),
        moments: population.buffer("moments"),
      },
      1,
    ),
  );
  runOnce(population, calls);
}

function runOnce(population: Population, calls: readonly PreparedCall[]): void {
  population.executor.run(calls);
  for (const call of calls) call.destroy();
}
