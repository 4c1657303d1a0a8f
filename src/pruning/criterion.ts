import type { RegistryEntry } from "../base/registry.ts";
import type { WgslSource } from "../base/wgsl_source.ts";
import type { Parameters } from "../network/parameters.ts";

/** What a criterion may rank a layer's weights by, beside the trained weights. */
export interface Ranking {
  /** The criterion's scale of the layer, 1 where it has none. */
  readonly scale: number;
  /** Model seed, an unsigned 32-bit integer. */
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly level: number;
}

/**
 * Scores weights; a selector then keeps exactly as many as are wanted. A score is handed over as a key of 32 bits: of two weights the one
 * with the smaller key is pruned first, of equal keys the one with the lower flat index.
 */
export interface Criterion extends RegistryEntry {
  /** The score of a weight, as a formula. */
  readonly formula: string;
  /** The paper, with equation or section, where the score comes from one. */
  readonly source?: string;
  /** What the score is made of. */
  readonly needs: readonly ("trained weights" | "start weights")[];
  /**
   * A factor of each layer's scores, a positive f32, by the parameters that the level started from (not masked). Left out, 1.
   * @param layer weight layer, from 0
   */
  readonly scale?: (start: Parameters, layer: number) => number;
  /**
   * The key of one weight.
   * @param weight as trained, finite
   * @param index place of the weight's bit in the mask: word * 32 + bit
   * @returns an unsigned 32-bit integer
   */
  readonly key: (weight: number, index: number, ranking: Ranking) => number;
  /**
   * The same on the device, four weights at a time: `fn rank_keys(weights: vec4f, index: vec4u) -> vec4u`, which may read `u.scale`,
   * `u.seed` and `u.level` and call what `shaders/shared/philox.wgsl` declares. Left out, weights are read back and ranked on the host.
   */
  readonly wgsl?: WgslSource;
}
