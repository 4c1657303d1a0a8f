import { layerCount } from "../../src/base/shape.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import type { Mask } from "../../src/mask/mask.ts";
import type { Parameters } from "../../src/network/parameters.ts";

/** Loss, gradient and Hessian-vector product of a masked network, in the parameter layout. */
export interface Float64Derivatives {
  readonly loss: number;
  readonly gradients: Float64Array;
  readonly product: Float64Array;
}

/**
 * The mean training loss of binary tasks over all samples, its gradient, and the product of its Hessian with a direction,
 * in float64 with plain loops. Every number has a tangent beside it, its derivative along the direction (Pearlmutter
 * 1994), so that the product is exact but for rounding; the second derivative of ReLU is 0.
 * @param values parameters in the layout; those of pruned weights are not used
 * @param direction in the layout; default 0, which gives a product of 0
 */
export function float64Derivatives(
  dataset: Dataset,
  mask: Mask,
  { layout, shape }: Pick<Parameters, "layout" | "shape">,
  values: ArrayLike<number>,
  activation: "relu" | "tanh",
  direction: ArrayLike<number> = new Float64Array(layout.length),
): Float64Derivatives {
  const { train, inputs, mean, scale, tasks } = dataset;
  const gradients = new Float64Array(layout.length);
  const product = new Float64Array(layout.length);
  const layers = layerCount(shape);
  let loss = 0;
  for (let sample = 0; sample < train.samples; sample++) {
    const rows = shape.map((width) => ({ x: new Float64Array(width), tangent: new Float64Array(width) }));
    for (let i = 0; i < inputs; i++) rows[0].x[i] = (train.features[sample * inputs + i] - mean[i]) * scale[i];
    for (let layer = 0; layer < layers; layer++) {
      const [from, to] = [rows[layer], rows[layer + 1]];
      for (let output = 0; output < shape[layer + 1]; output++) {
        const bias = layout.biasOffset[layer] + output;
        let [z, tangent] = [values[bias], direction[bias]];
        for (let input = 0; input < shape[layer]; input++) {
          if (!mask.has(layer, output, input)) continue;
          const at = layout.weightOffset[layer] + output * layout.rowStride[layer] + input;
          z += values[at] * from.x[input];
          tangent += direction[at] * from.x[input] + values[at] * from.tangent[input];
        }
        const isHidden = layer < layers - 1;
        const activated = activation === "relu" ? Math.max(0, z) : Math.tanh(z);
        const slope = activation === "relu" ? Number(z > 0) : 1 - activated ** 2;
        to.x[output] = isHidden ? activated : z;
        to.tangent[output] = isHidden ? slope * tangent : tangent;
      }
    }
    let d = new Float64Array(shape[layers]);
    let dTangent = new Float64Array(shape[layers]);
    tasks.forEach(({ outputs }, t) => {
      const logit = rows[layers].x[outputs.start];
      const label = train.labels[t * train.samples + sample];
      const share = 1 / (tasks.length * train.samples);
      const sigmoid = 1 / (1 + Math.exp(-logit));
      loss += Math.log1p(Math.exp(label === 1 ? -logit : logit)) * share;
      d[outputs.start] = (sigmoid - label) * share;
      dTangent[outputs.start] = sigmoid * (1 - sigmoid) * rows[layers].tangent[outputs.start] * share;
    });
    for (let layer = layers - 1; layer >= 0; layer--) {
      const { x, tangent } = rows[layer];
      const passed = new Float64Array(shape[layer]);
      const passedTangent = new Float64Array(shape[layer]);
      for (let output = 0; output < shape[layer + 1]; output++) {
        gradients[layout.biasOffset[layer] + output] += d[output];
        product[layout.biasOffset[layer] + output] += dTangent[output];
        for (let input = 0; input < shape[layer]; input++) {
          if (!mask.has(layer, output, input)) continue;
          const at = layout.weightOffset[layer] + output * layout.rowStride[layer] + input;
          gradients[at] += d[output] * x[input];
          product[at] += dTangent[output] * x[input] + d[output] * tangent[input];
          passed[input] += d[output] * values[at];
          passedTangent[input] += dTangent[output] * values[at] + d[output] * direction[at];
        }
      }
      const slope = (i: number) => (activation === "relu" ? Number(x[i] > 0) : 1 - x[i] ** 2);
      const slopeTangent = (i: number) => (activation === "relu" ? 0 : -2 * x[i] * tangent[i]);
      d = passed.map((value, i) => value * slope(i));
      dTangent = passedTangent.map((value, i) => value * slope(i) + passed[i] * slopeTangent(i));
    }
  }
  return { loss, gradients, product };
}
