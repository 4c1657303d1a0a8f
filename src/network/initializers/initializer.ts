import type { RandomStream } from "../../base/random.ts";
import type { RegistryEntry } from "../../base/registry.ts";

/** Draws the weights of level 0, layer by layer; biases start at 0. */
export interface Initializer extends RegistryEntry {
  readonly source: string;
  /**
   * Standard deviation of a layer's weights.
   * @param squaredGain of the network's activation
   */
  readonly deviation: (fanIn: number, fanOut: number, squaredGain: number) => number;
  /**
   * Draws the next weights of a layer, one after the other, in float64, and rounds them to f32. A layer is drawn in
   * pieces, so a weight depends on the position of the stream alone.
   */
  readonly draw: (stream: RandomStream, deviation: number, weights: Float32Array) => void;
}
