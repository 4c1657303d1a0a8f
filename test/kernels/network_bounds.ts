import { layerCount } from "../../src/base/shape.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import type { Mask } from "../../src/mask/mask.ts";
import { activations } from "../../src/network/activations/index.ts";
import { parameterLayout } from "../../src/network/parameters.ts";
import { sumBound, unitRoundoff } from "./harness.ts";

/** Error bounds of f32 against exact arithmetic over some samples of a split, to first order in the rounding unit. */
export interface NetworkBounds {
  /** Largest error of the sum of losses. */
  readonly loss: number;
  /** Largest error of the gradient of the mean loss, by place in the parameters. */
  readonly gradients: Float64Array;
  /** Largest change of the sum of losses for a change of 1 of a parameter, by place. */
  readonly slopes: Float64Array;
}

/**
 * Largest error of one sample's loss and logit gradients: WGSL allows exp(-d) an error of (3 + 2 d) units in the last
 * place, of which at most 8 remain in a sum of shares, and log an error of 2^-21; differences of logits are rounded at
 * their own size.
 */
const lossRounding = (largestLogit: number) => 2 ** -19 + 2 ** -22 * largestLogit;
const gradientRounding = 2 ** -19;

/** A number of the kernel, or its largest value, and its error bound. */
interface Near {
  value: number;
  error: number;
}

/** The number and its error bound from a sum of values and a sum of errors, after that many additions in any order. */
const summed = (value: number, size: number, error: number, terms: number): Near => ({
  value,
  error: error + sumBound(terms, size + error),
});

/**
 * Bounds of one batch. Each sum has the errors of its terms and of one addition per term. Where rounding may move a
 * preactivation across the ReLU's kink, the whole gradient through the neuron counts as error.
 */
export function networkBounds(
  mask: Mask,
  activation: string,
  parameters: Float32Array,
  dataset: Dataset,
  split: Split,
  samples: ArrayLike<number>,
): NetworkBounds {
  const { shape } = mask;
  const { weightOffset, rowStride, biasOffset, length } = parameterLayout(shape);
  const layers = layerCount(shape);
  const { activated, passedBack } = activations.get(activation);
  const isRounded = activation !== "relu";
  /** By layer and output: inputs of the kept weights. */
  const kept = Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: shape[layer + 1] }, (_, output) =>
      [...Array(shape[layer]).keys()].filter((input) => mask.has(layer, output, input)),
    ),
  );
  const weightAt = (layer: number, output: number, input: number) =>
    weightOffset[layer] + output * rowStride[layer] + input;
  const bounds = { loss: 0, gradients: new Float64Array(length), slopes: new Float64Array(length) };
  let lossSize = 0;
  for (const sample of Array.from(samples)) {
    // Inputs, then preactivations of every layer.
    const rows: Near[][] = [inputsOf(dataset, split, sample)];
    const output = (layer: number, neuron: number): Near => {
      const { value, error } = rows[layer][neuron];
      if (layer === 0) return { value, error };
      // No activation has a slope above 1; those that are rounded have an error of some units in the last place of 1.
      return { value: activated(value), error: error + (isRounded ? 8 * unitRoundoff : 0) };
    };
    for (let layer = 0; layer < layers; layer++) {
      const preactivations = kept[layer].map((inputs, neuron) => {
        const bias = parameters[biasOffset[layer] + neuron];
        let [value, size, error] = [bias, Math.abs(bias), 0];
        for (const input of inputs) {
          const w = parameters[weightAt(layer, neuron, input)];
          const x = output(layer, input);
          value += w * x.value;
          size += Math.abs(w * x.value);
          error += Math.abs(w) * x.error;
        }
        return summed(value, size, error, inputs.length + 1);
      });
      rows.push(preactivations);
    }

    // If every logit changes by at most d, a loss changes by at most 2 d and a share of the softmax by at most d.
    const largest = Math.max(...rows[layers].map(({ value }) => Math.abs(value)));
    const logitError = Math.max(...rows[layers].map(({ error }) => error));
    bounds.loss += 2 * logitError + lossRounding(largest);
    lossSize += 2 * largest + Math.log(shape[layers] + 1);
    const weight = 1 / dataset.tasks.length;
    let dz = rows[layers].map((): Near => ({ value: weight, error: weight * (logitError + gradientRounding) }));
    for (let layer = layers - 1; layer >= 0; layer--) {
      const passed = rows[layer].map(() => ({ size: 0, error: 0, terms: 0 }));
      kept[layer].forEach((inputs, neuron) => {
        const d = dz[neuron];
        const addProduct = (at: number, x: Near) => {
          const most = (Math.abs(x.value) + x.error) * (d.value + d.error);
          const error = Math.abs(x.value) * d.error + x.error * (d.value + d.error);
          bounds.slopes[at] += most;
          bounds.gradients[at] += (error + sumBound(samples.length, most)) / samples.length;
        };
        addProduct(biasOffset[layer] + neuron, { value: 1, error: 0 });
        for (const input of inputs) {
          const at = weightAt(layer, neuron, input);
          addProduct(at, output(layer, input));
          passed[input].size += Math.abs(parameters[at]) * d.value;
          passed[input].error += Math.abs(parameters[at]) * d.error;
          passed[input].terms++;
        }
      });
      dz = rows[layer].map((z, neuron) => {
        const { size, error, terms } = passed[neuron];
        const whole = summed(size, size, error, terms);
        const slope = (z: number) => passedBack(1, activated(z));
        const own = slope(z.value);
        const slopes = [slope(z.value - z.error), slope(z.value + z.error)];
        const slopeError =
          Math.max(...slopes.map((other) => Math.abs(other - own))) + (isRounded ? 8 * unitRoundoff : 0);
        return { value: own * size, error: own * whole.error + slopeError * (size + whole.error) };
      });
    }
  }
  bounds.loss += sumBound(samples.length, lossSize);
  return bounds;
}

/** Standardised inputs of a sample: a difference and a product, each rounded. */
function inputsOf({ inputs, mean, scale }: Dataset, { features }: Split, sample: number): Near[] {
  return Array.from({ length: inputs }, (_, i) => {
    const value = (features[sample * inputs + i] - mean[i]) * scale[i];
    return { value, error: 3 * unitRoundoff * Math.abs(value) };
  });
}
