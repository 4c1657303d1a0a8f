import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { layerTargets } from "./layer_budgets.ts";
import { rankBits } from "./rank_bits.ts";
import type { Selection } from "./selection.ts";

const criteria = { magnitude: 0, random: 1 } as const;

/**
 * The next mask of a network, chosen on the host: of the kept weights the smallest go, ordered by (rank, flat index), by an
 * exact count. `shaders/shared/selection.wgsl` chooses the same.
 * @param trained the weights that are ranked
 * @param mask the mask that they were trained with
 * @param seed, level key the random criterion
 * @returns a mask with exactly `selection.remaining` weights, within the given one
 */
export function selectedMask(trained: Parameters, mask: Mask, selection: Selection, seed: number, level: number): Mask {
  const layers = Array.from({ length: layerCount(mask.shape) }, (_, layer) => layer);
  const next = mask.clone();
  if (selection.scope === "global") {
    prune(next, trained, layers, mask.count() - selection.remaining, selection, seed, level);
  } else {
    const kept = layers.map((layer) => mask.count(layer));
    layerTargets(kept, selection.remaining).forEach((target, layer) => {
      prune(next, trained, [layer], kept[layer] - target, selection, seed, level);
    });
  }
  return next;
}

/** Prunes the `goes` smallest weights of some layers together. */
function prune(
  mask: Mask,
  trained: Parameters,
  layers: readonly number[],
  goes: number,
  { criterion }: Selection,
  seed: number,
  level: number,
): void {
  if (goes === 0) return;
  const ranks = new Uint32Array(layers.reduce((sum, layer) => sum + mask.count(layer), 0));
  invariant(goes <= ranks.length, `cannot prune ${goes} of ${ranks.length} weights`);
  let at = 0;
  forEachKept(mask, trained, layers, (weight, index) => {
    ranks[at++] = rankBits(weight, index, criteria[criterion], seed, level);
  });
  const sorted = ranks.slice().sort();
  const threshold = sorted[goes - 1];
  // Of the weights that share the last rank to go, those with the lowest index go.
  let tiesThatGo = goes - sorted.indexOf(threshold);
  at = 0;
  forEachKept(mask, trained, layers, (_weight, index) => {
    const rank = ranks[at++];
    if (rank < threshold || (rank === threshold && tiesThatGo-- > 0)) mask.words[index >>> 5] &= ~(1 << (index & 31));
  });
}

/** Visits the kept weights of some layers by ascending flat index, the place of the weight's bit in the mask. */
function forEachKept(
  mask: Mask,
  trained: Parameters,
  layers: readonly number[],
  visit: (weight: number, index: number) => void,
): void {
  const { rowWords, wordOffset } = mask.layout;
  const { rowStride, weightOffset } = trained.layout;
  for (const layer of layers) {
    for (let output = 0; output < mask.shape[layer + 1]; output++) {
      const row = weightOffset[layer] + output * rowStride[layer];
      for (let word = 0; word < rowWords[layer]; word++) {
        const wordAt = wordOffset[layer] + output * rowWords[layer] + word;
        const kept = mask.words[wordAt];
        for (let bit = 0; bit < 32; bit++) {
          if ((kept >>> bit) & 1) visit(trained.values[row + word * 32 + bit], wordAt * 32 + bit);
        }
      }
    }
  }
}
