import type { LowScores, ScoreCriterion } from "../criterion.ts";
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
  scores: (layers) => {
    const { into, from } = flows(layers);
    return layers.map(({ trained, inputs, rows, fanOut }, layer) => {
      const scores = new Float64Array(trained.length);
      for (let at = 0, output = 0; output < fanOut; output++) {
        const flow = from[layer][output];
        for (const end = rows[output + 1]; at < end; at++) {
          scores[at] = Math.abs(trained[at]) * into[layer][inputs[at]] * flow;
        }
      }
      return scores;
    });
  },
  inRounds: {
    count: 100,
    begin: (layers, gone) => {
      const sizes = layers.map(({ trained }) => trained.map(Math.abs));
      return () => {
        const { into, from } = flows(layers);
        return (layer, bound) => {
          const known = { sizes: sizes[layer], gone: gone[layer], into: into[layer], from: from[layer] };
          return lowScores(layers[layer], known, bound);
        };
      };
    },
  },
} satisfies ScoreCriterion;

/** What decides the scores of a layer. */
interface LayerFlows {
  /** Magnitudes of the weights; those of pruned ones become infinite as they are met, so that their scores are not low. */
  readonly sizes: Float32Array;
  readonly gone: Uint8Array;
  /** Flow into each input neuron, and from each output neuron to the end. */
  readonly into: Float64Array;
  readonly from: Float64Array;
}

/** The scores up to a bound. Storing all of them would take most of the time of a round. */
function lowScores(
  { inputs, rows, fanOut }: KeptLayer,
  { sizes, gone, into, from }: LayerFlows,
  bound: number,
): ReturnType<LowScores> {
  const positions: number[] = [];
  const scores: number[] = [];
  for (let at = 0, output = 0; output < fanOut; output++) {
    const flow = from[output];
    for (const end = rows[output + 1]; at < end; at++) {
      const score = sizes[at] * into[inputs[at]] * flow;
      // False for the infinite and for those that are no number, an infinite size times a flow of 0.
      if (score <= bound && sizes[at] < Number.POSITIVE_INFINITY) {
        if (gone[at] === 1) sizes[at] = Number.POSITIVE_INFINITY;
        else {
          positions.push(at);
          scores.push(score);
        }
      }
    }
  }
  return { positions, scores };
}

/** For each layer the flow into its inputs, and from its outputs to the end, up to a factor that all layers share. */
function flows(layers: readonly KeptLayer[]): { into: Float64Array[]; from: Float64Array[] } {
  const before = [scaled(new Float64Array(layers[0].fanIn).fill(1), 0)];
  for (const layer of layers) before.push(forward(layer, before[before.length - 1]));
  const last = layers.length - 1;
  const after: Scaled[] = [];
  after[last] = scaled(new Float64Array(layers[last].fanOut).fill(1), 0);
  for (let layer = last; layer > 0; layer--) after[layer - 1] = backward(layers[layer], after[layer]);
  // A factor common to all scores changes no order, so the largest exponent is taken as 0.
  const exponents = layers.map((_, layer) => before[layer].exponent + after[layer].exponent);
  const top = Math.max(...exponents);
  return {
    into: layers.map((_, layer) => before[layer].values),
    from: layers.map((_, layer) => after[layer].values.map((flow) => flow * 2 ** (exponents[layer] - top))),
  };
}

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
function forward({ trained, inputs, rows, fanOut }: KeptLayer, { values, exponent }: Scaled): Scaled {
  const sums = new Float64Array(fanOut);
  for (let at = 0, output = 0; output < fanOut; output++) {
    let sum = 0;
    for (const end = rows[output + 1]; at < end; at++) sum += Math.abs(trained[at]) * values[inputs[at]];
    sums[output] = sum;
  }
  return scaled(sums, exponent);
}

/** Flow from each input neuron to the end: |W|^T times the flow from the outputs. */
function backward({ trained, inputs, rows, fanIn, fanOut }: KeptLayer, { values, exponent }: Scaled): Scaled {
  const sums = new Float64Array(fanIn);
  for (let at = 0, output = 0; output < fanOut; output++) {
    const flow = values[output];
    for (const end = rows[output + 1]; at < end; at++) sums[inputs[at]] += Math.abs(trained[at]) * flow;
  }
  return scaled(sums, exponent);
}
