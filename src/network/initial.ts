import { InputError } from "../base/errors.ts";
import { nextTurn } from "../base/next_turn.ts";
import { RandomStream } from "../base/random.ts";
import { formatShape, layerCount, type Shape } from "../base/shape.ts";
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

/** Work of a layer at most, in normal numbers: about two minutes on one core of 2024. */
const mostWork = 2 ** 30;

/**
 * Checks that initial weights can be drawn in reasonable time.
 * @throws InputError that names the layer
 */
export function checkDrawable(shape: Shape, { initializer = defaultInitializer }: InitialChoice = {}): void {
  const { work } = initializers.get(initializer);
  for (let layer = 0; work && layer < layerCount(shape); layer++) {
    if (work(shape[layer], shape[layer + 1]) <= mostWork) continue;
    throw new InputError(
      `initializer ${initializer} does not fit shape ${formatShape(shape)}: its layer of ${shape[layer]} x ${shape[layer + 1]} weights would take more than two minutes, at most about 4096 x 4096; give a smaller shape, or initializer=${defaultInitializer}`,
    );
  }
}

/** Work of a turn of the event loop, in normal numbers: some milliseconds. */
const drawnInTurn = 65536;

/**
 * Initial parameters: weights as the initialiser draws them, biases 0. Drawn in float64 and rounded to f32, so they are
 * the same bits on every machine.
 * @param seed model seed, an unsigned 32-bit integer; each layer has a stream of its own
 * @throws InputError when no initialiser or activation has the given name
 */
export function initialParameters(shape: Shape, seed: number, choice: InitialChoice = {}): Parameters {
  const parameters = new Parameters(shape);
  for (const _ of drawWeights(parameters, seed, choice));
  return parameters;
}

/**
 * The same as {@link initialParameters}, drawn over several turns of the event loop, so that training that is under way
 * continues.
 * @throws InputError when no initialiser or activation has the given name
 */
export async function initialParametersInTurns(
  shape: Shape,
  seed: number,
  choice: InitialChoice = {},
): Promise<Parameters> {
  const parameters = new Parameters(shape);
  await nextTurn();
  for (const _ of drawWeights(parameters, seed, choice)) await nextTurn();
  return parameters;
}

/** Draws the weights layer by layer, and pauses after about every {@link drawnInTurn} of work. */
function* drawWeights({ shape, layout, values }: Parameters, seed: number, choice: InitialChoice): Generator<void> {
  const { draw } = initializers.get(choice.initializer ?? defaultInitializer);
  let drawn = 0;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const stream = new RandomStream(seed, "initialWeights", layer);
    const row = (output: number) => {
      const first = layout.weightOffset[layer] + output * layout.rowStride[layer];
      return values.subarray(first, first + shape[layer]);
    };
    const deviation = initialDeviation(shape, layer, choice);
    for (const work of draw(stream, { fanIn: shape[layer], fanOut: shape[layer + 1], deviation, row })) {
      drawn += work;
      if (drawn < drawnInTurn) continue;
      drawn = 0;
      yield;
    }
  }
}
