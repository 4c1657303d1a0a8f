import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import { lowestBit } from "../mask/bits.ts";
import { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "./criteria.ts";
import type { Criterion } from "./criterion.ts";
import { keptLayers } from "./kept_layer.ts";
import { lastPruned } from "./last_pruned.ts";
import type { RankedLevel } from "./ranked_level.ts";
import { wideKeys } from "./score_key.ts";
import type { HostSelection, Selection } from "./selection.ts";

/**
 * Selects the next mask on the host: prunes the kept weights with the smallest (key, flat index), by an exact count.
 * `shaders/shared/selection.wgsl` selects the same.
 * @returns a subset of the level's mask with exactly the requested number of weights
 */
export function selectMask(level: RankedLevel, { criterion, keep, first }: HostSelection): Mask {
  return rankLevel(level, criterion, first)(keep);
}

/**
 * Ranks the kept weights of a level once, for selections of several sizes.
 * @returns selects a mask of that many weights, as {@link selectMask} does
 */
export function rankLevel(level: RankedLevel, criterion: string, first?: Mask): (keep: Selection["keep"]) => Mask {
  const chosen = criteria.get(criterion);
  const rounds = "scores" in chosen ? (chosen.rounds ?? 1) : 1;
  const all = keysOf(level, chosen, level.mask);
  return (keep) => {
    const layers = all.map(({ layer }) => level.mask.count(layer));
    const kept = layers.reduce((sum, count) => sum + count, 0);
    let mask = level.mask;
    for (let round = 1; round <= rounds; round++) {
      const left = (from: number, to: number) =>
        round === rounds || from === 0 ? to : Math.round(from * (to / from) ** (round / rounds));
      const keys = round === 1 ? all : keysOf(level, chosen, mask);
      const next = typeof keep === "number" ? left(kept, keep) : keep.map((to, layer) => left(layers[layer], to));
      mask = pruned(mask, keys, next, first);
    }
    return mask;
  };
}

/** Keys of a layer's kept weights, by ascending flat index; those of 64 bits have a lower half. */
interface LayerKeys {
  readonly layer: number;
  readonly upper: Uint32Array;
  readonly lower?: Uint32Array;
}

function keysOf(level: RankedLevel, criterion: Criterion, mask: Mask): LayerKeys[] {
  if ("scores" in criterion) {
    const scores = criterion.scores(keptLayers(level, mask, criterion.needs));
    return scores.map((ofLayer, layer) => ({ layer, ...wideKeys(ofLayer) }));
  }
  const { trained, start, initial = start, seed, nextLevel } = level;
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => {
    const ranking = { scale: criterion.scale?.(initial, layer) ?? 1, seed, level: nextLevel };
    return rankLayer(mask, trained, layer, (weight, index) => criterion.key(weight, index, ranking));
  });
}

function rankLayer(
  mask: Mask,
  trained: Parameters,
  layer: number,
  keyOf: (weight: number, index: number) => number,
): LayerKeys {
  const { rowWords, wordOffset } = mask.layout;
  const { rowStride, weightOffset } = trained.layout;
  const upper = new Uint32Array(mask.count(layer));
  let at = 0;
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    const row = weightOffset[layer] + output * rowStride[layer];
    for (let word = 0; word < rowWords[layer]; word++) {
      const wordAt = wordOffset[layer] + output * rowWords[layer] + word;
      for (let rest = mask.words[wordAt]; rest !== 0; rest &= rest - 1) {
        const bit = lowestBit(rest);
        upper[at++] = keyOf(trained.values[row + word * 32 + bit], wordAt * 32 + bit);
      }
    }
  }
  return { layer, upper };
}

/** The mask that keeps so many of a mask's weights, in the whole network or in each layer. */
function pruned(mask: Mask, keys: readonly LayerKeys[], keep: Selection["keep"], first: Mask | undefined): Mask {
  const next = mask.clone();
  const groups = typeof keep === "number" ? [keys] : keys.map((layer) => [layer]);
  groups.forEach((group, i) => {
    const kept = group.reduce((sum, { upper }) => sum + upper.length, 0);
    const left = typeof keep === "number" ? keep : keep[i];
    invariant(left >= 0 && left <= kept, `cannot keep ${left} of ${kept} weights`);
    if (!first) {
      prune(next, mask, group, kept - left);
      return;
    }
    const before = intersection(mask, first);
    const after = difference(mask, first);
    const ofFirst = group.map((layer) => keysWithin(layer, mask, before));
    const firstPruned = Math.min(
      kept - left,
      ofFirst.reduce((sum, { upper }) => sum + upper.length, 0),
    );
    prune(next, before, ofFirst, firstPruned);
    prune(
      next,
      after,
      group.map((layer) => keysWithin(layer, mask, after)),
      kept - left - firstPruned,
    );
  });
  return next;
}

function intersection(mask: Mask, other: Mask): Mask {
  return new Mask(
    mask.shape,
    mask.words.map((word, i) => word & other.words[i]),
  );
}

function difference(mask: Mask, other: Mask): Mask {
  return new Mask(
    mask.shape,
    mask.words.map((word, i) => word & ~other.words[i]),
  );
}

/** The keys of the weights of a subset of a mask. */
function keysWithin({ layer, upper, lower }: LayerKeys, mask: Mask, subset: Mask): LayerKeys {
  const positions = new Uint32Array(subset.count(layer));
  let at = 0;
  let found = 0;
  const { wordOffset, rowWords } = mask.layout;
  const end = wordOffset[layer] + rowWords[layer] * mask.shape[layer + 1];
  for (let word = wordOffset[layer]; word < end; word++) {
    for (let rest = mask.words[word]; rest !== 0; rest &= rest - 1) {
      if ((subset.words[word] & rest & -rest) !== 0) positions[found++] = at;
      at++;
    }
  }
  const within = (keys: Uint32Array) => positions.map((position) => keys[position]);
  return { layer, upper: within(upper), ...(lower && { lower: within(lower) }) };
}

/**
 * Prunes the `count` weights of some layers, ranked together, with the smallest keys.
 * @param of the mask whose weights the keys are of
 */
function prune(next: Mask, of: Mask, layers: readonly LayerKeys[], count: number): void {
  if (count === 0) return;
  const last = lastPruned(layers, count);
  const { words, layout } = of;
  let ties = last.tiesPruned;
  for (const { layer, upper, lower } of layers) {
    const end = layout.wordOffset[layer] + layout.rowWords[layer] * of.shape[layer + 1];
    let at = 0;
    for (let word = layout.wordOffset[layer]; word < end; word++) {
      let left = next.words[word];
      for (let rest = words[word]; rest !== 0; rest &= rest - 1) {
        const key = upper[at];
        const low = lower ? lower[at] : 0;
        at++;
        if (key > last.upper) continue;
        if (key === last.upper && (low > last.lower || (low === last.lower && ties-- <= 0))) continue;
        left &= ~(rest & -rest);
      }
      next.words[word] = left;
    }
  }
}
