import type { RegistryEntry } from "../base/registry.ts";
import type { WgslSource } from "../base/wgsl_source.ts";
import type { Parameters } from "../network/parameters.ts";

/** Values that a criterion may use for a layer, besides the trained weights. */
export interface Ranking {
  /** The criterion's scale of the layer, 1 where it has none. */
  readonly scale: number;
  /** Model seed, an unsigned 32-bit integer. */
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly level: number;
}

/**
 * Scores weights; a selector then keeps exactly the requested number. A score is given as a key of 32 bits: weights
 * with smaller keys are pruned first; of equal keys, the one with the lower flat index is pruned first.
 */
export interface Criterion extends RegistryEntry {
  /** The score of a weight, as a formula. */
  readonly formula: string;
  /** The paper that defines the score, with equation or section. */
  readonly source?: string;
  /** Values that the score is computed from. */
  readonly needs: readonly ("trained weights" | "start weights")[];
  /**
   * Factor of a layer's scores, a positive f32, from the parameters at the start of the level (not masked). Default 1.
   * @param layer weight layer, from 0
   */
  readonly scale?: (start: Parameters, layer: number) => number;
  /**
   * The key of one weight.
   * @param weight as trained, finite
   * @param index position of the weight's bit in the mask: word * 32 + bit
   * @returns an unsigned 32-bit integer
   */
  readonly key: (weight: number, index: number, ranking: Ranking) => number;
  /**
   * The same on the device, four weights at a time: `fn rank_keys(weights: vec4f, index: vec4u) -> vec4u`, which may
   * read `u.scale`, `u.seed` and `u.level` and call what `shaders/shared/philox.wgsl` declares. Without it, weights are
   * read back and ranked on the host.
   */
  readonly wgsl?: WgslSource;
}
