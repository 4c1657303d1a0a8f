import { layerCount } from "../base/shape.ts";
import { activations } from "./activations/index.ts";
import type { Parameters } from "./parameters.ts";

/** The layers whose weights are all 0, from 0. */
export function zeroLayers(parameters: Parameters): number[] {
  return Array.from({ length: layerCount(parameters.shape) }, (_, layer) => layer).filter((layer) =>
    parameters.weights(layer).every((weight) => weight === 0),
  );
}

/**
 * Whether some weight gets a gradient in the first step: its source is not 0 for every sample, and a path of weights
 * other than 0, through neurons that pass gradients back, leads from its target to an output. Where none does, training
 * moves output biases at most, and the network learns nothing of its inputs.
 * @param activation name of the hidden layers' activation
 */
export function hasGradient(parameters: Parameters, activation: string): boolean {
  const { shape } = parameters;
  const { activated, passedBack } = activations.get(activation);
  const layers = layerCount(shape);
  const weights = Array.from({ length: layers }, (_, layer) => parameters.weights(layer));
  /** What a neuron answers to every sample: one value, or NaN where the samples differ. */
  const answers = [new Float64Array(shape[0]).fill(Number.NaN)];
  for (let layer = 0; layer < layers - 1; layer++) {
    const biases = parameters.biases(layer);
    answers.push(
      Float64Array.from(biases, (bias, target) => {
        let sum = bias;
        for (let source = 0; source < shape[layer]; source++) {
          const weight = weights[layer][target * shape[layer] + source];
          if (weight !== 0) sum += weight * answers[layer][source];
        }
        return Number.isNaN(sum) ? sum : activated(sum);
      }),
    );
  }
  let receives: readonly boolean[] = new Array<boolean>(shape[layers]).fill(true);
  for (let layer = layers - 1; layer >= 0; layer--) {
    const sources = Array.from(answers[layer]);
    if (receives.includes(true) && sources.some((answer) => answer !== 0)) return true;
    receives = sources.map(
      (answer, source) =>
        (Number.isNaN(answer) || passedBack(1, answer) !== 0) &&
        receives.some((target, t) => target && weights[layer][t * shape[layer] + source] !== 0),
    );
  }
  return false;
}
