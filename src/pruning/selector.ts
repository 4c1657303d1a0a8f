import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import { bitIndices, lowestBit } from "../mask/bits.ts";
import { biasBits, type Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "./criteria.ts";
import type { KeyCriterion, LowScores, Rounds } from "./criterion.ts";
import { type KeptLayer, keptLayers, valuesOf, withOwnValues } from "./kept_layer.ts";
import { type Keys, lastPruned } from "./last_pruned.ts";
import type { RankedLevel } from "./ranked_level.ts";
import { lowerKey, upperKeys } from "./score_key.ts";
import type { HostSelection, Selection } from "./selection.ts";

/**
 * Selects the next mask on the host: prunes the kept weights with the smallest (key, flat index), by an exact count.
 * `shaders/shared/selection.wgsl` selects the same. With biases, those of a layer have the flat indices after its weights.
 * @returns a subset of the level's mask with exactly the requested number of weights, or of weights and biases
 */
export function selectMask(level: RankedLevel, { keep, ...ranking }: HostSelection): Mask {
  return rankLevel(level, ranking)(keep);
}

/**
 * Ranks the kept weights of a level once, for selections of several sizes.
 * @returns selects a mask of that many weights, as {@link selectMask} does
 */
export function rankLevel(
  level: RankedLevel,
  { criterion, first, withBiases = false, wholeLayers = [] }: Omit<HostSelection, "keep">,
): (keep: Selection["keep"]) => Mask {
  const chosen = criteria.get(criterion);
  invariant(!withBiases || chosen.ofBias !== undefined, `criterion ${criterion} does not rank biases`);
  const { mask } = level;
  const before = first && layersOf(mask).map((layer) => membership(mask, first, layer, withBiases));
  if ("key" in chosen) {
    const keys = rankedKeys(level, chosen, withBiases);
    const counts = keys.map(({ upper }) => upper.length);
    return (keep) => without(mask, pruned(keys, groupsOf(counts, keep, wholeLayers), before));
  }
  const layers = keptLayers(level, mask, chosen.needs, withBiases);
  const counts = layers.map(({ inputs }) => inputs.length);
  const { inRounds } = chosen;
  if (!inRounds) {
    const keys = scoreKeys(chosen.scores(layers));
    return (keep) => without(mask, pruned(keys, groupsOf(counts, keep, wholeLayers), before));
  }
  return (keep) => without(mask, prunedInRounds(layers, inRounds, groupsOf(counts, keep, wholeLayers), before));
}

/** A truth value for each kept weight of each layer: `[layer][kept weight]`. */
type Flags = readonly Uint8Array[];

/** Keys of some kept weights of a layer, by ascending flat index. */
interface LayerKeys extends Keys {
  /** Positions of the weights among the layer's kept ones; undefined: all. */
  readonly positions?: Uint32Array;
}

/** Layers that are ranked together. */
interface Group {
  readonly layers: readonly number[];
  /** Weights of them that are kept now, and that are to be kept. */
  readonly kept: number;
  readonly left: number;
}

/** @param counts kept weights of each layer */
function groupsOf(counts: readonly number[], keep: Selection["keep"], wholeLayers: readonly number[]): Group[] {
  const sum = (layers: readonly number[]) => layers.reduce((total, layer) => total + counts[layer], 0);
  const all = counts.map((_, layer) => layer);
  const groups =
    typeof keep === "number"
      ? [{ layers: all.filter((layer) => !wholeLayers.includes(layer)), left: keep - sum(wholeLayers) }]
      : all.map((layer) => ({ layers: [layer], left: keep[layer] }));
  return groups.map(({ layers, left }) => {
    const kept = sum(layers);
    invariant(left >= 0 && left <= kept, `cannot keep ${left} of ${kept} weights`);
    return { layers, kept, left };
  });
}

function scoreKeys(scores: readonly Float64Array[]): LayerKeys[] {
  return scores.map((ofLayer) => ({ upper: upperKeys(ofLayer), scores: ofLayer }));
}

/**
 * Prunes in rounds, each by the scores of the weights that are left. Weights that a round has pruned have values of 0 in the
 * next.
 * @param given not modified
 */
function prunedInRounds(
  given: readonly KeptLayer[],
  { count: rounds, begin }: Rounds,
  together: readonly Group[],
  first: Flags | undefined,
): Flags {
  const layers = given.map(withOwnValues);
  const gone = layers.map(({ inputs }) => new Uint8Array(inputs.length));
  const next = begin(layers, gone);
  const groups = together.map((group) => ({
    ...group,
    pruned: 0,
    bounds: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  }));
  for (let round = 1; round <= rounds; round++) {
    const scores = next();
    for (const one of groups) {
      const { layers: group, kept, left } = one;
      const after = round === rounds || kept === 0 ? left : Math.round(kept * (left / kept) ** (round / rounds));
      let count = kept - after - one.pruned;
      one.pruned = kept - after;
      for (const flag of first ? [1, 0] : [0]) {
        const [taken, highest] = pruneRound(group, scores, {
          round,
          layers,
          gone,
          first,
          flag,
          count,
          bound: one.bounds[flag],
        });
        count -= taken;
        if (taken > 0) one.bounds[flag] = highest;
      }
    }
  }
  return gone;
}

/** What a round of a selection prunes of. */
interface Round {
  /** Its number, from 1. */
  readonly round: number;
  readonly layers: readonly KeptLayer[];
  readonly gone: Flags;
  readonly first: Flags | undefined;
  /** The flag of the weights to prune, where there are flags. */
  readonly flag: number;
  /** Weights to prune at most. */
  readonly count: number;
  /** The highest score that the round before has pruned. */
  readonly bound: number;
}

/**
 * How far above the highest score of the round before a round looks, in turn: at first about as far again as a round has gone on
 * average, since weights with small scores are about evenly spread.
 */
const bounds = ({ bound, round }: Round): number[] => [bound * (1 + 2 / round), bound * 2, Number.POSITIVE_INFINITY];

/**
 * Prunes the lowest scores of the weights that are left, and sets their values to 0.
 * @returns the number of weights pruned, and their highest score
 */
function pruneRound(group: readonly number[], lowScores: LowScores, round: Round): [number, number] {
  const { layers, gone, count } = round;
  if (count === 0) return [0, round.bound];
  const within = (bound: number) => group.map((layer) => keysLeft(lowScores(layer, bound), round, layer));
  const total = (keys: readonly RoundKeys[]) => keys.reduce((sum, { upper }) => sum + upper.length, 0);
  let keys: RoundKeys[] = [];
  for (const bound of bounds(round)) {
    keys = within(bound);
    if (total(keys) >= count) break;
  }
  const taken = Math.min(count, total(keys));
  prune(
    keys,
    taken,
    group.map((layer) => gone[layer]),
  );
  let highest = Number.NEGATIVE_INFINITY;
  keys.forEach(({ positions, scores }, i) => {
    const layer = group[i];
    const values = valuesOf(layers[layer]);
    for (let n = 0; n < positions.length; n++) {
      const at = positions[n];
      if (gone[layer][at] === 0) continue;
      highest = Math.max(highest, scores[n]);
      for (const value of values) value[at] = 0;
    }
  });
  return [taken, highest];
}

type RoundKeys = Required<LayerKeys>;

/** Keys of the low scores of a layer, those of the round's flag alone. */
function keysLeft(low: ReturnType<LowScores>, { first, flag }: Round, layer: number): RoundKeys {
  const flags = first?.[layer];
  const which = flags && [...low.positions.keys()].filter((n) => flags[low.positions[n]] === flag);
  const chosen = (values: readonly number[]) => (which ? which.map((n) => values[n]) : values);
  const scores = new Float64Array(chosen(low.scores));
  return { positions: new Uint32Array(chosen(low.positions)), scores, upper: upperKeys(scores) };
}

function layersOf(mask: Mask): number[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => layer);
}

function rankedKeys(
  { mask, trained, start, initial = start, seed, nextLevel }: RankedLevel,
  { key, scale }: KeyCriterion,
  withBiases: boolean,
): LayerKeys[] {
  return layersOf(mask).map((layer) => {
    const ranking = { scale: scale?.(initial, layer) ?? 1, seed, level: nextLevel };
    return rankLayer(mask, trained, layer, withBiases, (weight, index) => key(weight, index, ranking));
  });
}

function rankLayer(
  mask: Mask,
  trained: Parameters,
  layer: number,
  withBiases: boolean,
  keyOf: (weight: number, index: number) => number,
): LayerKeys {
  const { rowWords, wordOffset, words, biasWordOffset } = mask.layout;
  const { rowStride, weightOffset } = trained.layout;
  const biases = withBiases ? bitIndices(biasBits(mask, layer)) : [];
  const upper = new Uint32Array(mask.count(layer) + biases.length);
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
  const firstBias = (words + biasWordOffset[layer]) * 32;
  for (const output of biases) upper[at++] = keyOf(trained.biases(layer)[output], firstBias + output);
  return { upper };
}

/** Which weights go so that so many are left in each group. */
function pruned(keys: readonly LayerKeys[], groups: readonly Group[], first: Flags | undefined): Flags {
  const gone = keys.map(({ upper }) => new Uint8Array(upper.length));
  groups.forEach(({ layers: group, kept, left }) => {
    const ofGroup = group.map((layer) => keys[layer]);
    const into = group.map((layer) => gone[layer]);
    if (!first) {
      prune(ofGroup, kept - left, into);
      return;
    }
    const [before, after] = [1, 0].map((flag) => group.map((layer) => keysWhere(keys[layer], first[layer], flag)));
    const many = before.reduce((sum, { upper }) => sum + upper.length, 0);
    const beforeCount = Math.min(kept - left, many);
    prune(before, beforeCount, into);
    prune(after, kept - left - beforeCount, into);
  });
  return gone;
}

/** The keys of the weights that have a flag. */
function keysWhere({ upper, scores }: LayerKeys, flags: Uint8Array, flag: number): LayerKeys {
  const positions = new Uint32Array(upper.length);
  let found = 0;
  for (let at = 0; at < upper.length; at++) if (flags[at] === flag) positions[found++] = at;
  const within = positions.subarray(0, found);
  return {
    positions: within,
    upper: within.map((position) => upper[position]),
    ...(scores && { scores: Float64Array.from(within, (position) => scores[position]) }),
  };
}

/** Flags the `count` weights of some layers, ranked together, with the smallest keys. */
function prune(layers: readonly LayerKeys[], count: number, gone: Flags): void {
  if (count === 0) return;
  const last = lastPruned(layers, count);
  let ties = last.tiesPruned;
  layers.forEach(({ positions, upper, scores }, layer) => {
    const flags = gone[layer];
    for (let at = 0; at < upper.length; at++) {
      if (upper[at] > last.upper) continue;
      if (upper[at] === last.upper) {
        const low = scores ? lowerKey(scores, at) : 0;
        if (low > last.lower || (low === last.lower && ties-- <= 0)) continue;
      }
      flags[positions ? positions[at] : at] = 1;
    }
  });
}

/** Which kept weights of a layer, and then which kept biases, are in another mask. */
function membership(mask: Mask, other: Mask, layer: number, withBiases: boolean): Uint8Array {
  const weights = mask.count(layer);
  const flags = new Uint8Array(weights + (withBiases ? mask.biasCount(layer) : 0));
  let at = 0;
  const add = (kept: number, among: number) => {
    for (let rest = kept; rest !== 0; rest &= rest - 1) flags[at++] = (among & rest & -rest) === 0 ? 0 : 1;
  };
  for (let word = mask.layout.wordOffset[layer]; at < weights; word++) add(mask.words[word], other.words[word]);
  const among = biasBits(other, layer);
  const biases = biasBits(mask, layer);
  for (let word = 0; at < flags.length; word++) add(biases[word], among[word]);
  return flags;
}

/** The mask without some of its weights and biases. */
function without(mask: Mask, gone: Flags): Mask {
  const next = mask.clone();
  gone.forEach((flags, layer) => {
    let at = 0;
    const left = (bits: number) => {
      let kept = bits;
      for (let rest = bits; rest !== 0; rest &= rest - 1) if (flags[at++] === 1) kept ^= rest & -rest;
      return kept;
    };
    const weights = mask.count(layer);
    for (let word = mask.layout.wordOffset[layer]; at < weights; word++) next.words[word] = left(mask.words[word]);
    const biases = biasBits(next, layer);
    for (let word = 0; at < flags.length; word++) biases[word] = left(biases[word]);
  });
  return next;
}
