import type { FunctionNetwork, NeuronValues } from "./network.ts";

/**
 * How much each output depends on each input: the mean of |d output / d input| over samples, for inputs of one scale. Exactly 0
 * where no path of kept weights leads from the input to the output.
 * @param values of `network.forward`, at standardised inputs
 * @param hear is given the derivatives of each output by every neuron, as `network.derivatives` has them
 * @returns `[output][input]`
 */
export function sensitivity(
  network: FunctionNetwork,
  values: NeuronValues,
  hear?: (output: number, derivatives: NeuronValues) => void,
): readonly Float64Array[] {
  const [width, outputs] = [network.shape[0], network.shape[network.shape.length - 1]];
  const samples = values[0].length / width;
  return Array.from({ length: outputs }, (_, output) => {
    const derivatives = network.derivatives(values, [output]);
    hear?.(output, derivatives);
    return Float64Array.from({ length: width }, (_, input) => {
      let sum = 0;
      for (let at = input * samples; at < (input + 1) * samples; at++) sum += Math.abs(derivatives[0][at]);
      return sum / samples;
    });
  });
}
