import { RandomStream } from "../base/random.ts";
import { layerCount, type Shape } from "../base/shape.ts";
import { activations, defaultActivation } from "./activations/index.ts";
import { defaultInitializer, initializers } from "./initializers/index.ts";
import { Parameters } from "./parameters.ts";

/** Choices that initial weights depend on, besides shape and seed. */
export interface InitialChoice {
  /** Name of the initialiser; default kaiming-normal. */
  readonly initializer?: string | undefined;
  /** Name of the activation, whose gain the initialiser may use; default relu. */
  readonly activation?: string | undefined;
}

/** Standard deviation of a layer's initial weights. */
export function initialDeviation(
  shape: Shape,
  layer: number,
  { initializer = defaultInitializer, activation = defaultActivation }: InitialChoice = {},
): number {
  const { squaredGain } = activations.get(activation);
  return initializers.get(initializer).deviation(shape[layer], shape[layer + 1], squaredGain);
}

/**
 * Initial parameters: weights as the initialiser draws them, biases 0. Drawn in float64 and rounded to f32, so they are
 * the same bits on every machine.
 * @param seed model seed, an unsigned 32-bit integer; each layer has a stream of its own
 * @throws InputError when no initialiser or activation has the given name
 */
export function initialParameters(shape: Shape, seed: number, choice: InitialChoice = {}): Parameters {
  const { draw } = initializers.get(choice.initializer ?? defaultInitializer);
  const parameters = new Parameters(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const stream = new RandomStream(seed, "initialWeights", layer);
    const deviation = initialDeviation(shape, layer, choice);
    const weights = Float32Array.from({ length: shape[layer] * shape[layer + 1] }, () => draw(stream, deviation));
    parameters.setWeights(layer, weights);
  }
  return parameters;
}
