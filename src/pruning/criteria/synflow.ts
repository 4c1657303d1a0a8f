import type { ScoreCriterion } from "../criterion.ts";
import type { KeptLayer } from "../kept_layer.ts";

/**
 * Synaptic flow, from the trained weights, without data or biases: how much of R = 1^T (product over layers of |W * M|) 1
 * goes through a weight. A layer's scores sum to R, so no layer is pruned away before others (section 5). The 100 rounds of
 * a selection are those of the paper, with its exponential schedule; each scores the weights that are left.
 */
export const synflow = {
  name: "synflow",
  summary: "weights first through which the least synaptic flow goes, scored anew in 100 rounds",
  formula: "|dR/dw w|, R = 1^T (product over layers l of |W_l * M_l|) 1",
  source: "Tanaka, Kunin, Yamins, Ganguli 2020, section 6 and algorithm 1",
  needs: ["trained weights"],
  rounds: 100,
  scores: (layers) => {
    const before = [scaled(new Float64Array(layers[0].fanIn).fill(1), 0)];
    for (const layer of layers) before.push(forward(layer, before[before.length - 1]));
    const last = layers.length - 1;
    const after: Scaled[] = [];
    after[last] = scaled(new Float64Array(layers[last].fanOut).fill(1), 0);
    for (let layer = last; layer > 0; layer--) after[layer - 1] = backward(layers[layer], after[layer]);
    // A factor common to all scores changes no order, so the largest exponent is taken as 0.
    const exponents = layers.map((_, layer) => before[layer].exponent + after[layer].exponent);
    const top = Math.max(...exponents);
    return layers.map(({ trained, inputs, outputs, fanOut }, layer) => {
      const factor = 2 ** (exponents[layer] - top);
      const [into, from] = [before[layer].values, after[layer].values];
      const scores = new Float64Array(trained.length);
      for (let at = 0, output = 0; output < fanOut; output++) {
        const flow = from[output] * factor;
        for (; outputs[at] === output; at++) scores[at] = Math.abs(trained[at]) * into[inputs[at]] * flow;
      }
      return scores;
    });
  },
} satisfies ScoreCriterion;

/** Numbers times a power of 2, the largest number from 1 to below 2: products over many layers do not overflow. */
interface Scaled {
  readonly values: Float64Array;
  readonly exponent: number;
}

function scaled(values: Float64Array, exponent: number): Scaled {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return { values, exponent };
  const shift = Math.floor(Math.log2(largest));
  return { values: values.map((value) => value * 2 ** -shift), exponent: exponent + shift };
}

/** Flow into each output neuron: |W| times the flow into the inputs. */
function forward({ trained, inputs, outputs, fanOut }: KeptLayer, { values, exponent }: Scaled): Scaled {
  const sums = new Float64Array(fanOut);
  for (let at = 0, output = 0; output < fanOut; output++) {
    let sum = 0;
    for (; outputs[at] === output; at++) sum += Math.abs(trained[at]) * values[inputs[at]];
    sums[output] = sum;
  }
  return scaled(sums, exponent);
}

/** Flow from each input neuron to the end: |W|^T times the flow from the outputs. */
function backward({ trained, inputs, outputs, fanIn, fanOut }: KeptLayer, { values, exponent }: Scaled): Scaled {
  const sums = new Float64Array(fanIn);
  for (let at = 0, output = 0; output < fanOut; output++) {
    const flow = values[output];
    for (; outputs[at] === output; at++) sums[inputs[at]] += Math.abs(trained[at]) * flow;
  }
  return scaled(sums, exponent);
}
