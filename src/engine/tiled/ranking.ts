import { StructArray } from "../../base/struct_array.ts";
import { pruneMask } from "../../kernels/prune_mask.ts";
import { radixHistogram } from "../../kernels/radix_histogram.ts";
import { radixPick } from "../../kernels/radix_pick.ts";
import { type DeviceCriterion, withCriterion } from "../../kernels/ranked.ts";
import { parameterLayout } from "../../network/parameters.ts";
import type { Selection } from "../../pruning/selection.ts";
import type { LevelJob } from "../engine.ts";
import type { PreparedCall } from "../shared/executor.ts";
import type { Population } from "./population.ts";
import { layersOf, type PlacedNetwork } from "./training_network.ts";

/** The kernels of a selection by a criterion. */
export function selectionKernels(criterion: DeviceCriterion) {
  return [withCriterion(radixHistogram, criterion), radixPick, withCriterion(pruneMask, criterion)] as const;
}

/** Passes of the radix select: two over the key, two over the index (`shaders/shared/selection.wgsl`). */
const radixPasses = 4;

/**
 * Enqueues the exact selection of the weights to prune and the write of the next mask, for a network with trained
 * parameters.
 * @param selection what is kept; its criterion is the compiled one
 */
export function selectOnDevice(
  population: Population,
  { shape, place }: PlacedNetwork,
  { mask, start, seed, level }: Pick<LevelJob, "mask" | "start" | "seed" | "level">,
  criterion: DeviceCriterion,
  { keep, wholeLayers = [] }: Omit<Selection, "criterion">,
): void {
  const { executor, sizes } = population;
  const layers = layersOf(shape);
  const parameters = parameterLayout(shape);
  const { rowWords, wordOffset } = mask.layout;
  const isGlobal = typeof keep === "number";
  const pruned = isGlobal ? [mask.count() - keep] : layers.map((layer) => mask.count(layer) - keep[layer]);

  // One selection per layer; a global selection uses the first for all layers. Slots share the buffer, since a
  // selection is one submission.
  const selections = new StructArray(
    sizes.selectionStruct,
    new ArrayBuffer(sizes.selectionStruct.sizeBytes * sizes.layers),
  );
  layers.forEach((layer) => {
    // A selection that prunes nothing is settled from the start.
    selections.set(layer, "rank", pruned[layer] ?? 0);
    selections.set(layer, "settled", pruned[layer] ? 0 : 1);
  });
  executor.write(population.buffer("selections"), new Uint8Array(selections.bytes));
  executor.write(population.buffer("mask"), mask.words, place.mask * 4);

  const layerCall = (layer: number) => ({
    selection: isGlobal ? 0 : layer,
    layerWords: rowWords[layer] * shape[layer + 1],
    rowWords: rowWords[layer],
    inputBlocks: parameters.rowStride[layer] / 4,
    weightsAt: place.parameters + parameters.weightOffset[layer] / 4,
    maskOffset: wordOffset[layer],
    maskAt: place.mask,
    scale: criterion.scale?.(start, layer) ?? 1,
    seed,
    level: level + 1,
  });
  const buffers = {
    parameters: population.buffer("parameters"),
    mask: population.buffer("mask"),
    selections: population.buffer("selections"),
    histogram: population.buffer("histogram"),
  };
  const pruning = layers.filter((layer) =>
    isGlobal ? pruned[0] > 0 && !wholeLayers.includes(layer) : pruned[layer] > 0,
  );
  const [histogram, pick, prune] = selectionKernels(criterion);
  const calls: PreparedCall[] = [];
  for (let radixPass = 0; radixPass < radixPasses; radixPass++) {
    for (const layer of pruning) {
      calls.push(executor.prepare(histogram, { ...layerCall(layer), radixPass }, buffers, 1));
    }
    calls.push(executor.prepare(pick, { radixPass }, buffers, isGlobal ? 1 : sizes.layers));
  }
  for (const layer of pruning) calls.push(executor.prepare(prune, layerCall(layer), buffers, 1));
  executor.run(calls);
  for (const call of calls) call.destroy();
}
