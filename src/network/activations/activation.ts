import type { RegistryEntry } from "../../base/registry.ts";

/**
 * What the hidden neurons of a network make of their weighted sums; all hidden layers share it. It has the same two functions here,
 * in its WGSL, and in the CPU's kernels (`src/engine/cpu/assembly/activations.ts`).
 */
export interface Activation extends RegistryEntry {
  /** Where it comes from, and where its gain does. */
  readonly source: string;
  /** The activation of a weighted sum, its bias included. */
  readonly activated: (z: number) => number;
  /** The loss gradient by z, from the gradient by the activation x = activated(z) and from x itself. */
  readonly passedBack: (gradient: number, x: number) => number;
  /**
   * Squared gain: initial weights of variance gain^2 / fan_in keep the size of the signals from layer to layer (He et al. 2015,
   * equation 10).
   */
  readonly squaredGain: number;
  /**
   * `fn activated(z: vec4f) -> vec4f` and `fn passed_back(gradient: vec4f, x: vec4f) -> vec4f`, compiled into every kernel with an
   * activation.
   */
  readonly wgsl: string;
}
