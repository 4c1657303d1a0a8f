import { layerCount } from "../../../base/shape.ts";
import { Parameters } from "../../../network/parameters.ts";
import type { BranchKind } from "../kind.ts";

/**
 * Every weight is s_l sign(w), with s_l the standard deviation of the initial weights of its layer (of all of them, about
 * their mean, in float64). Biases are the initial ones.
 */
export const constantSign: BranchKind = {
  name: "constant-sign",
  summary: "the standard deviation of each layer times the signs of the initial weights, the ticket's mask",
  paper: "Zhou et al. 2019",
  usesSeed: false,
  isControl: false,
  start: async (original) => {
    const { shape, values } = original;
    const constant = new Parameters(shape, values.slice());
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const weights = original.weights(layer);
      const deviation = standardDeviation(weights);
      constant.setWeights(
        layer,
        weights.map((weight) => deviation * Math.sign(weight)),
      );
    }
    return constant;
  },
};

function standardDeviation(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
