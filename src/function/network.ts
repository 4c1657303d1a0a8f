import { layerCount, type Shape } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import type { Activation } from "../network/activations/activation.ts";
import type { Parameters } from "../network/parameters.ts";

/** The kept weights of a layer in float64, by target: those into target t are `starts[t]` .. `starts[t + 1] - 1`. */
interface Layer {
  readonly starts: Uint32Array;
  readonly sources: Uint32Array;
  readonly weights: Float64Array;
  /** 0 where pruned. */
  readonly biases: Float64Array;
}

/** Values of neurons by layer, layer 0 holding the inputs: `[layer][neuron * samples + sample]`. */
export type NeuronValues = readonly Float64Array[];

/** A ticket with its weights, computed in float64 on the host: what the analyses of its function evaluate. */
export class FunctionNetwork {
  readonly shape: Shape;
  readonly #layers: readonly Layer[];
  readonly #activation: Activation;

  /** @param parameters of the mask's shape; pruned weights and biases count as 0 whatever their value */
  constructor(mask: Mask, parameters: Parameters, activation: Activation) {
    this.shape = mask.shape;
    this.#activation = activation;
    this.#layers = Array.from({ length: layerCount(mask.shape) }, (_, layer) => layerOf(mask, parameters, layer));
  }

  /**
   * The values of all neurons: activations of hidden ones, weighted sums of outputs.
   * @param inputs `[input * samples + sample]`
   * @param silenced hidden neurons by layer, whose activation is 0 for every sample
   */
  forward(inputs: Float64Array, samples: number, silenced?: readonly ReadonlySet<number>[]): NeuronValues {
    const values = [inputs];
    this.#layers.forEach(({ starts, sources, weights, biases }, layer) => {
      const from = values[layer];
      const to = new Float64Array(biases.length * samples);
      for (let target = 0; target < biases.length; target++) {
        if (silenced?.[layer + 1]?.has(target)) continue;
        const sums = to.subarray(target * samples, (target + 1) * samples).fill(biases[target]);
        for (let edge = starts[target]; edge < starts[target + 1]; edge++) {
          const [weight, first] = [weights[edge], sources[edge] * samples];
          for (let s = 0; s < samples; s++) sums[s] += weight * from[first + s];
        }
        if (layer + 1 === this.#layers.length) continue;
        for (let s = 0; s < samples; s++) sums[s] = this.#activation.activated(sums[s]);
      }
      values.push(to);
    });
    return values;
  }

  /**
   * Derivatives of the sum of some outputs by every neuron: by the activations of inputs and hidden neurons.
   * @param values of {@link forward}
   * @param outputs neurons of the last layer
   */
  derivatives(values: NeuronValues, outputs: Iterable<number>): NeuronValues {
    const samples = values[0].length / this.shape[0];
    const derivatives = values.map(({ length }) => new Float64Array(length));
    for (const output of outputs) derivatives[this.#layers.length].fill(1, output * samples, (output + 1) * samples);
    for (let layer = this.#layers.length - 1; layer >= 0; layer--) {
      const { starts, sources, weights, biases } = this.#layers[layer];
      const isHidden = layer + 1 < this.#layers.length;
      const back = derivatives[layer];
      const passed = new Float64Array(samples);
      for (let target = 0; target < biases.length; target++) {
        const at = target * samples;
        for (let s = 0; s < samples; s++) {
          const derivative = derivatives[layer + 1][at + s];
          passed[s] = isHidden ? this.#activation.passedBack(derivative, values[layer + 1][at + s]) : derivative;
        }
        if (passed.every((one) => one === 0)) continue;
        for (let edge = starts[target]; edge < starts[target + 1]; edge++) {
          const [weight, first] = [weights[edge], sources[edge] * samples];
          for (let s = 0; s < samples; s++) back[first + s] += weight * passed[s];
        }
      }
    }
    return derivatives;
  }
}

function layerOf(mask: Mask, parameters: Parameters, layer: number): Layer {
  const [inputs, outputs] = [mask.shape[layer], mask.shape[layer + 1]];
  const dense = parameters.weights(layer);
  const starts = new Uint32Array(outputs + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  for (let target = 0; target < outputs; target++) {
    for (let source = 0; source < inputs; source++) {
      if (!mask.has(layer, target, source)) continue;
      sources.push(source);
      weights.push(dense[target * inputs + source]);
    }
    starts[target + 1] = sources.length;
  }
  const biases = Float64Array.from(parameters.biases(layer), (bias, target) =>
    mask.hasBias(layer, target) ? bias : 0,
  );
  return { starts, sources: Uint32Array.from(sources), weights: Float64Array.from(weights), biases };
}
