import type { RandomStream } from "../../base/random.ts";
import type { RegistryEntry } from "../../base/registry.ts";

/** A layer whose weights are drawn. */
export interface DrawnLayer {
  readonly fanIn: number;
  readonly fanOut: number;
  /** The initialiser's {@link Initializer.deviation} of the layer. */
  readonly deviation: number;
  /** The weights that lead to an output neuron, `[fanIn]`; written in f32. */
  readonly row: (output: number) => Float32Array;
}

/** Draws the weights of level 0, layer by layer; biases start at 0. */
export interface Initializer extends RegistryEntry {
  readonly source: string;
  /**
   * Standard deviation of a layer's weights.
   * @param squaredGain of the network's activation
   */
  readonly deviation: (fanIn: number, fanOut: number, squaredGain: number) => number;
  /**
   * Draws the weights of a layer in float64 and rounds them to f32. Yields at intervals the work since the last time, in
   * the time that a normal number takes, so that a page can do other work between.
   */
  readonly draw: (stream: RandomStream, layer: DrawnLayer) => Generator<number>;
  /** The work of a layer in that unit, where it is more than 1 for each weight. */
  readonly work?: (fanIn: number, fanOut: number) => number;
}

/** A draw of independent weights, row by row; a weight depends on the position of the stream alone. */
export function rowwise(
  fill: (stream: RandomStream, deviation: number, weights: Float32Array) => void,
): Initializer["draw"] {
  return function* (stream, { fanIn, fanOut, deviation, row }) {
    for (let output = 0; output < fanOut; output++) {
      fill(stream, deviation, row(output));
      yield fanIn;
    }
  };
}

/** Fills weights with independent normal numbers. */
export const normal = rowwise((stream, deviation, weights) => stream.fillNormal(weights, deviation));

/** Fills weights with independent numbers that are uniform between plus and minus sqrt(3) deviations. */
export const uniform = rowwise((stream, deviation, weights) => {
  const bound = Math.sqrt(3) * deviation;
  for (let at = 0; at < weights.length; at++) weights[at] = bound * (2 * stream.nextUniform() - 1);
});
