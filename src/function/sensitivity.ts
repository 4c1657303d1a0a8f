import type { FunctionNetwork } from "./network.ts";

/**
 * How much each output depends on each input: the mean of |d output / d input| over samples, for inputs of one scale. Exactly 0
 * where no path of kept weights leads from the input to the output.
 * @param inputs `[input * samples + sample]`, standardised
 * @returns `[output][input]`
 */
export function sensitivity(network: FunctionNetwork, inputs: Float64Array): readonly Float64Array[] {
  const [width, outputs] = [network.shape[0], network.shape[network.shape.length - 1]];
  const samples = inputs.length / width;
  const values = network.forward(inputs, samples);
  return Array.from({ length: outputs }, (_, output) => {
    const [derivatives] = network.derivatives(values, [output]);
    return Float64Array.from({ length: width }, (_, input) => {
      let sum = 0;
      for (let at = input * samples; at < (input + 1) * samples; at++) sum += Math.abs(derivatives[at]);
      return sum / samples;
    });
  });
}
