import type { RegistryEntry } from "../../base/registry.ts";

/**
 * Activation function of all hidden neurons of a network. This object, its WGSL and the CPU's kernels
 * (`src/engine/cpu/assembly/activations.ts`) implement the same two functions.
 */
export interface Activation extends RegistryEntry {
  /** Source of the function and of its gain. */
  readonly source: string;
  /** The activation of a weighted sum, its bias included. */
  readonly activated: (z: number) => number;
  /** The loss gradient by z, from the gradient by the activation x = activated(z) and from x. */
  readonly passedBack: (gradient: number, x: number) => number;
  /** Derivative of passedBack(1, x) by x, where it has one; else 0. */
  readonly slopeChange: (x: number) => number;
  /**
   * Squared gain: initial weights of variance gain^2 / fan_in keep the size of the signals from layer to layer (He et
   * al. 2015, equation 10).
   */
  readonly squaredGain: number;
  /**
   * `fn activated(z: vec4f) -> vec4f` and `fn passed_back(gradient: vec4f, x: vec4f) -> vec4f`, compiled into every
   * kernel with an activation.
   */
  readonly wgsl: string;
  /** The operator of ONNX that computes it. */
  readonly onnxOperator: string;
}
