import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "./criteria.ts";
import type { Selection } from "./selection.ts";

/** A trained level, for the selector. */
export interface RankedLevel {
  /** Parameters as trained. */
  readonly trained: Parameters;
  /** Parameters that the level started from, not masked. */
  readonly start: Parameters;
  /** The mask that the level was trained with. */
  readonly mask: Mask;
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly nextLevel: number;
}

/**
 * Selects the next mask on the host: prunes the kept weights with the smallest (key, flat index), by an exact count.
 * `shaders/shared/selection.wgsl` selects the same.
 * @returns a subset of the level's mask with exactly the requested number of weights
 */
export function selectMask({ trained, start, mask, seed, nextLevel }: RankedLevel, selection: Selection): Mask {
  const { key, scale } = criteria.get(selection.criterion);
  const layers = Array.from({ length: layerCount(mask.shape) }, (_, layer) => layer);
  const keptKeys = layers.map((layer) => {
    const ranking = { scale: scale?.(start, layer) ?? 1, seed, level: nextLevel };
    return rankLayer(mask, trained, layer, (weight, index) => key(weight, index, ranking));
  });
  const next = mask.clone();
  const { keep } = selection;
  if (typeof keep === "number") prune(next, keptKeys, keep);
  else for (const layer of layers) prune(next, keptKeys.slice(layer, layer + 1), keep[layer]);
  return next;
}

/** Keys of a layer's kept weights, by ascending flat index. */
interface LayerKeys {
  readonly keys: Uint32Array;
  /** Position of each weight's bit in the mask. */
  readonly indices: Uint32Array;
}

function rankLayer(
  mask: Mask,
  trained: Parameters,
  layer: number,
  keyOf: (weight: number, index: number) => number,
): LayerKeys {
  const { rowWords, wordOffset } = mask.layout;
  const { rowStride, weightOffset } = trained.layout;
  const keys = new Uint32Array(mask.count(layer));
  const indices = new Uint32Array(keys.length);
  let at = 0;
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    const row = weightOffset[layer] + output * rowStride[layer];
    for (let word = 0; word < rowWords[layer]; word++) {
      const wordAt = wordOffset[layer] + output * rowWords[layer] + word;
      const kept = mask.words[wordAt];
      for (let bit = 0; bit < 32; bit++) {
        if (((kept >>> bit) & 1) === 0) continue;
        indices[at] = wordAt * 32 + bit;
        keys[at] = keyOf(trained.values[row + word * 32 + bit], indices[at]);
        at++;
      }
    }
  }
  return { keys, indices };
}

/** Prunes the weights of some layers, ranked together, until `keep` weights remain. */
function prune(mask: Mask, layers: readonly LayerKeys[], keep: number): void {
  const pruned = layers.reduce((sum, { keys }) => sum + keys.length, 0) - keep;
  invariant(keep >= 0 && pruned >= 0, `cannot keep ${keep} of ${pruned + keep} weights`);
  if (pruned === 0) return;
  const { lastKey, tiesPruned } = lastPruned(layers, pruned);
  let ties = tiesPruned;
  for (const { keys, indices } of layers) {
    keys.forEach((key, at) => {
      const isPruned = key < lastKey || (key === lastKey && ties-- > 0);
      if (isPruned) mask.words[indices[at] >>> 5] &= ~(1 << (indices[at] & 31));
    });
  }
}

/**
 * The largest pruned key, and the number of weights with that key that are pruned, by a radix select: first the digit
 * of the upper 16 bits, then that of the lower 16.
 */
function lastPruned(layers: readonly LayerKeys[], pruned: number): { lastKey: number; tiesPruned: number } {
  const counts = new Uint32Array(65536);
  let rank = pruned;
  const pick = (): number => {
    let digit = 0;
    while (rank > counts[digit]) rank -= counts[digit++];
    return digit;
  };
  for (const { keys } of layers) for (const key of keys) counts[key >>> 16]++;
  const upper = pick();
  counts.fill(0);
  for (const { keys } of layers) for (const key of keys) if (key >>> 16 === upper) counts[key & 0xffff]++;
  const lower = pick();
  return { lastKey: ((upper << 16) | lower) >>> 0, tiesPruned: rank };
}
