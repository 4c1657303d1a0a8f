import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import { lowestBit } from "../mask/bits.ts";
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
  readonly layer: number;
  readonly keys: Uint32Array;
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
  let at = 0;
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    const row = weightOffset[layer] + output * rowStride[layer];
    for (let word = 0; word < rowWords[layer]; word++) {
      const wordAt = wordOffset[layer] + output * rowWords[layer] + word;
      for (let rest = mask.words[wordAt]; rest !== 0; rest &= rest - 1) {
        const bit = lowestBit(rest);
        keys[at++] = keyOf(trained.values[row + word * 32 + bit], wordAt * 32 + bit);
      }
    }
  }
  return { layer, keys };
}

/** Prunes the weights of some layers, ranked together, until `keep` weights remain. */
function prune(mask: Mask, layers: readonly LayerKeys[], keep: number): void {
  const pruned = layers.reduce((sum, { keys }) => sum + keys.length, 0) - keep;
  invariant(keep >= 0 && pruned >= 0, `cannot keep ${keep} of ${pruned + keep} weights`);
  if (pruned === 0) return;
  const { lastKey, tiesPruned } = lastPruned(layers, pruned);
  const { words, layout } = mask;
  let ties = tiesPruned;
  for (const { layer, keys } of layers) {
    const end = layout.wordOffset[layer] + layout.rowWords[layer] * mask.shape[layer + 1];
    let at = 0;
    for (let word = layout.wordOffset[layer]; word < end; word++) {
      let kept = words[word];
      for (let rest = kept; rest !== 0; rest &= rest - 1) {
        const key = keys[at++];
        if (key > lastKey || (key === lastKey && ties-- <= 0)) continue;
        kept ^= rest & -rest;
      }
      words[word] = kept;
    }
  }
}

/** Bits of the digits of a radix select, the upper first: few counts, so that few weights are ranked fast. */
const digitBits = [11, 11, 10] as const;

/** The largest pruned key, and the number of weights with that key that are pruned, by a radix select. */
function lastPruned(layers: readonly LayerKeys[], pruned: number): { lastKey: number; tiesPruned: number } {
  let rank = pruned;
  let upper = 0;
  let bitsLeft = 32;
  for (const bits of digitBits) {
    const shift = bitsLeft - bits;
    const counts = new Uint32Array(2 ** bits);
    for (const { keys } of layers) countDigits(keys, bitsLeft, upper, shift, counts);
    let digit = 0;
    while (rank > counts[digit]) rank -= counts[digit++];
    upper = ((upper << bits) | digit) >>> 0;
    bitsLeft = shift;
  }
  return { lastKey: upper, tiesPruned: rank };
}

/** Counts the digits at a position of the keys whose upper bits are `upper`. */
function countDigits(keys: Uint32Array, bitsLeft: number, upper: number, shift: number, counts: Uint32Array): void {
  const digits = counts.length - 1;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    // A shift by 32 bits is a shift by 0: at the first digit, no key is left out.
    if (bitsLeft === 32 || key >>> bitsLeft === upper) counts[(key >>> shift) & digits]++;
  }
}
