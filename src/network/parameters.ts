import { layerCount, type Shape } from "../base/shape.ts";

/**
 * Position of each tensor of a network in one array of f32, the same on the host and on the device:
 * all weight matrices `[output][input]` in layer order, then all biases. Rows are padded to a multiple of 4 with zeros,
 * so that a kernel reads four inputs of one output as a `vec4f`; every tensor starts at a multiple of 4 elements.
 */
export interface ParameterLayout {
  readonly shape: Shape;
  /** Elements from one row of layer l's weights to the next. */
  readonly rowStride: readonly number[];
  /** First element of layer l's weights. */
  readonly weightOffset: readonly number[];
  /** First element of layer l's biases. */
  readonly biasOffset: readonly number[];
  /** Elements of the whole array. */
  readonly length: number;
}

/** Rounds up to a multiple of 4. */
export function padTo4(count: number): number {
  return (count + 3) & ~3;
}

export function parameterLayout(shape: Shape): ParameterLayout {
  const rowStride: number[] = [];
  const weightOffset: number[] = [];
  const biasOffset: number[] = [];
  let length = 0;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    rowStride.push(padTo4(shape[layer]));
    weightOffset.push(length);
    length += rowStride[layer] * shape[layer + 1];
  }
  for (let layer = 0; layer < layerCount(shape); layer++) {
    biasOffset.push(length);
    length += padTo4(shape[layer + 1]);
  }
  return { shape, rowStride, weightOffset, biasOffset, length };
}

/** Weights and biases of one network in the layout of {@link ParameterLayout}. */
export class Parameters {
  readonly layout: ParameterLayout;

  constructor(
    readonly shape: Shape,
    readonly values = new Float32Array(parameterLayout(shape).length),
  ) {
    this.layout = parameterLayout(shape);
  }

  /** Copy of layer l's weights without padding: `[output][input]`, row-major. */
  weights(layer: number): Float32Array {
    const { rowStride, weightOffset } = this.layout;
    const inputs = this.shape[layer];
    const outputs = this.shape[layer + 1];
    const dense = new Float32Array(inputs * outputs);
    for (let output = 0; output < outputs; output++) {
      const start = weightOffset[layer] + output * rowStride[layer];
      dense.set(this.values.subarray(start, start + inputs), output * inputs);
    }
    return dense;
  }

  /** Sets layer l's weights from `[output][input]`, row-major, without padding. */
  setWeights(layer: number, dense: Float32Array): void {
    const { rowStride, weightOffset } = this.layout;
    const inputs = this.shape[layer];
    for (let output = 0; output < this.shape[layer + 1]; output++) {
      this.values.set(
        dense.subarray(output * inputs, (output + 1) * inputs),
        weightOffset[layer] + output * rowStride[layer],
      );
    }
  }

  /** Layer l's biases: a view, one per output neuron. */
  biases(layer: number): Float32Array {
    const start = this.layout.biasOffset[layer];
    return this.values.subarray(start, start + this.shape[layer + 1]);
  }
}
