import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "./criteria.ts";
import type { Selection } from "./selection.ts";

/** A trained level as the selector sees it. */
export interface RankedLevel {
  /** Parameters as trained. */
  readonly trained: Parameters;
  /** Parameters that the level started from, not masked. */
  readonly start: Parameters;
  /** The mask that it was trained with. */
  readonly mask: Mask;
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly nextLevel: number;
}

/**
 * Chooses the next mask on the host: of the kept weights those with the smallest (key, flat index) go, by an exact count.
 * `shaders/shared/selection.wgsl` chooses the same.
 * @returns a mask within the level's, with exactly the wanted number of weights
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
  /** Place of each weight's bit in the mask. */
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

/** Prunes some layers together until `keep` of their weights are left. */
function prune(mask: Mask, layers: readonly LayerKeys[], keep: number): void {
  const goes = layers.reduce((sum, { keys }) => sum + keys.length, 0) - keep;
  invariant(keep >= 0 && goes >= 0, `cannot keep ${keep} of ${goes + keep} weights`);
  if (goes === 0) return;
  const { last, ofLast } = lastToGo(layers, goes);
  let equalsThatGo = ofLast;
  for (const { keys, indices } of layers) {
    keys.forEach((key, at) => {
      const isPruned = key < last || (key === last && equalsThatGo-- > 0);
      if (isPruned) mask.words[indices[at] >>> 5] &= ~(1 << (indices[at] & 31));
    });
  }
}

/**
 * The key of the last weight to go, and how many of those with that key go, by a radix select: the digit of the upper 16 bits that
 * holds the weight, then that of the lower 16.
 */
function lastToGo(layers: readonly LayerKeys[], goes: number): { last: number; ofLast: number } {
  const counts = new Uint32Array(65536);
  let rank = goes;
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
  return { last: ((upper << 16) | lower) >>> 0, ofLast: rank };
}
