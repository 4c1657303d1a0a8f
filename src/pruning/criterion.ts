import type { RegistryEntry } from "../base/registry.ts";
import type { WgslSource } from "../base/wgsl_source.ts";
import type { Parameters } from "../network/parameters.ts";
import type { KeptLayer } from "./kept_layer.ts";
import type { Need } from "./ranked_level.ts";

/** What every criterion states. */
interface Described extends RegistryEntry {
  /** The score of a weight, as a formula. */
  readonly formula: string;
  /** The paper that defines the score, with equation or section. */
  readonly source?: string;
  /** Values that the score is computed from. */
  readonly needs: readonly Need[];
  /** The score of a bias b, as the end of a sentence; without it, the criterion ranks weights alone. */
  readonly ofBias?: string;
}

/** Values that a {@link KeyCriterion} may use for a layer, besides the trained weights. */
export interface Ranking {
  /** The criterion's scale of the layer, 1 where it has none. */
  readonly scale: number;
  /** Model seed, an unsigned 32-bit integer. */
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly level: number;
}

/**
 * A criterion that gives each weight a key of 32 bits by itself, so that a device can rank too: weights with smaller keys
 * are pruned first; of equal keys, the one with the lower flat index is pruned first. Where biases are pruned too, those of a
 * layer have the indices after its weights.
 */
export interface KeyCriterion extends Described {
  /**
   * Factor of a layer's scores, a positive f32, from the initial parameters (not masked). Default 1.
   * @param layer weight layer, from 0
   */
  readonly scale?: (initial: Parameters, layer: number) => number;
  /**
   * The key of one weight or bias.
   * @param weight as trained, finite
   * @param index position of its bit in the mask: word * 32 + bit, the words of the biases after those of the weights
   * @returns an unsigned 32-bit integer
   */
  readonly key: (weight: number, index: number, ranking: Ranking) => number;
  /**
   * The same for weights on the device, four weights at a time: `fn rank_keys(weights: vec4f, index: vec4u) -> vec4u`, which may
   * read `u.scale`, `u.seed` and `u.level` and call what `shaders/shared/philox.wgsl` declares. Without it, weights are
   * read back and ranked on the host.
   */
  readonly wgsl?: WgslSource;
}

/**
 * A criterion that scores all kept weights of the network at once, on the host, in float64: weights with smaller scores
 * are pruned first; of equal scores, the one with the lower flat index is pruned first.
 */
export interface ScoreCriterion extends Described {
  /**
   * The scores of all kept weights, and biases where {@link Described.ofBias} says what these are, by layer; within a layer in
   * the order of {@link KeptLayer}. They may be negative and
   * infinite, not NaN. `weightwise` makes it from the score of one weight, `layerwise` from the scores of one layer.
   */
  readonly scores: (layers: readonly KeptLayer[]) => readonly Float64Array[];
  /** A selection in several rounds, each by new scores; without it there is one round. */
  readonly inRounds?: Rounds;
}

/**
 * Rounds of a selection: of c weights, k to keep, c (k / c)^(r / count) remain after round r (Tanaka 2020, section 6). All values of
 * the weights that a round prunes are 0 in the next.
 */
export interface Rounds {
  /** Number of rounds, from 2. */
  readonly count: number;
  /**
   * Begins a selection.
   * @param layers all weights that the selection begins with; their values change between rounds
   * @param gone `[layer][kept weight]`: 1 for those that a round has pruned, changed between rounds
   * @returns the scores of the next round, as far as they are asked for: a round prunes few weights
   */
  readonly begin: (layers: readonly KeptLayer[], gone: readonly Uint8Array[]) => () => LowScores;
}

/**
 * The weights of a layer that are left and have a score of at most `bound`: positions in ascending order, and scores.
 * @param bound may be infinite: all
 */
export type LowScores = (
  layer: number,
  bound: number,
) => { readonly positions: readonly number[]; readonly scores: readonly number[] };

/** Scores weights; a selector then keeps exactly the requested number. */
export type Criterion = KeyCriterion | ScoreCriterion;

/** A score function from the score of one weight: the weight at position `at` of a layer. */
export function weightwise(score: (layer: KeptLayer, at: number) => number): ScoreCriterion["scores"] {
  return layerwise((layer) => {
    const scores = new Float64Array(layer.inputs.length);
    for (let at = 0; at < scores.length; at++) scores[at] = score(layer, at);
    return scores;
  });
}

/** A score function from the scores of one layer. */
export function layerwise(scores: (layer: KeptLayer) => Float64Array): ScoreCriterion["scores"] {
  return (layers) => layers.map(scores);
}
