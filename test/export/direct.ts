import type { Mask } from "../../src/mask/mask.ts";
import type { Parameters } from "../../src/network/parameters.ts";

/** Rounds after every operation as a number format does: nothing for float64, `Math.fround` for f32. */
export type Rounding = (value: number) => number;

/**
 * The logits `[sample][output]` of a network straight from its definition, weight by weight: what is pruned, inactive or a
 * zombie is not known here.
 * @param mask undefined: every weight and bias is kept
 */
export function logits(
  parameters: Parameters,
  mask: Mask | undefined,
  activation: (z: number) => number,
  samples: readonly (readonly number[])[],
  round: Rounding = (value) => value,
): number[][] {
  const { shape } = parameters;
  return samples.map((sample) => {
    let values = sample.map(round);
    for (let layer = 0; layer + 1 < shape.length; layer++) {
      const weights = parameters.weights(layer);
      const before = values;
      values = Array.from(parameters.biases(layer), (bias, output) => {
        let sum = mask && !mask.hasBias(layer, output) ? 0 : bias;
        for (let input = 0; input < shape[layer]; input++) {
          if (mask && !mask.has(layer, output, input)) continue;
          sum = round(sum + round(weights[output * shape[layer] + input] * before[input]));
        }
        return layer + 2 < shape.length ? round(activation(sum)) : sum;
      });
    }
    return values;
  });
}

/** The largest difference of two lists of logits, as a share of the largest logit of the first. */
export function largestError(expected: readonly number[][], actual: readonly number[][]): number {
  const difference = expected.flatMap((row, s) => row.map((value, o) => Math.abs(value - actual[s][o])));
  return Math.max(...difference) / Math.max(...expected.flat().map(Math.abs));
}
