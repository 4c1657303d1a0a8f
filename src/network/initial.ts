import { RandomStream } from "../base/random.ts";
import { layerCount, type Shape } from "../base/shape.ts";
import { Parameters } from "./parameters.ts";

/**
 * Initial parameters: weights Kaiming-normal with standard deviation sqrt(2 / fan_in) (He, Zhang, Ren, Sun, "Delving deep into
 * rectifiers", 2015, equation 10), biases 0. Drawn in float64 and rounded to f32, so they are the same bits on every machine.
 * @param seed model seed, an unsigned 32-bit integer; each layer has a stream of its own
 */
export function initialParameters(shape: Shape, seed: number): Parameters {
  const parameters = new Parameters(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const stream = new RandomStream(seed, "initialWeights", layer);
    const deviation = Math.sqrt(2 / shape[layer]);
    const weights = Float32Array.from(
      { length: shape[layer] * shape[layer + 1] },
      () => deviation * stream.nextNormal(),
    );
    parameters.setWeights(layer, weights);
  }
  return parameters;
}
