/** The edges of a layer: edge e is from neuron `sources[e]` to neuron `targets[e]`; sorted by target, then source. */
export interface Edges {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
}

/** One layer in float64: its edges, and views of its parameters and their gradients. */
export interface Layer {
  readonly edges: Edges;
  /** One per edge. */
  readonly weights: Float64Array;
  readonly weightGradients: Float64Array;
  /** One per neuron. */
  readonly biases: Float64Array;
  readonly biasGradients: Float64Array;
}

/*
 * Activations and their gradients are `[neuron][sample]` with `stride` elements per neuron, of which the first
 * `samples` are used. Samples are the innermost loop.
 */

/** Writes the outputs of a layer, before ReLU. */
export function forward(
  { edges: { sources, targets }, weights, biases }: Layer,
  inputs: Float64Array,
  outputs: Float64Array,
  samples: number,
  stride: number,
): void {
  for (let o = 0; o < biases.length; o++) outputs.fill(biases[o], o * stride, o * stride + samples);
  for (let e = 0; e < weights.length; e++) {
    const weight = weights[e];
    const from = sources[e] * stride;
    const to = targets[e] * stride;
    for (let s = 0; s < samples; s++) outputs[to + s] += weight * inputs[from + s];
  }
}

/** Sets negative activations to 0, in place. */
export function relu(activations: Float64Array, neurons: number, samples: number, stride: number): void {
  for (let i = 0; i < neurons; i++) {
    for (let at = i * stride; at < i * stride + samples; at++) activations[at] = Math.max(0, activations[at]);
  }
}

/**
 * Writes the gradients of a layer's weights and biases.
 * @param inputs inputs of the layer
 * @param gradients gradients of the loss with respect to the layer's outputs before ReLU
 */
export function parameterGradients(
  { edges: { sources, targets }, weightGradients, biasGradients }: Layer,
  inputs: Float64Array,
  gradients: Float64Array,
  samples: number,
  stride: number,
): void {
  for (let e = 0; e < weightGradients.length; e++) {
    const from = sources[e] * stride;
    const to = targets[e] * stride;
    let sum = 0;
    for (let s = 0; s < samples; s++) sum += gradients[to + s] * inputs[from + s];
    weightGradients[e] = sum;
  }
  for (let o = 0; o < biasGradients.length; o++) {
    let sum = 0;
    for (let at = o * stride; at < o * stride + samples; at++) sum += gradients[at];
    biasGradients[o] = sum;
  }
}

/**
 * Writes the gradients of the loss with respect to the outputs of the layer below before its ReLU.
 * @param inputs inputs of the layer, after that ReLU; the gradient is 0 where they are 0
 * @param gradients gradients of the loss with respect to the layer's outputs before ReLU
 */
export function backward(
  { edges: { sources, targets }, weights }: Layer,
  inputs: Float64Array,
  gradients: Float64Array,
  inputGradients: Float64Array,
  samples: number,
  stride: number,
): void {
  inputGradients.fill(0);
  for (let e = 0; e < weights.length; e++) {
    const weight = weights[e];
    const from = sources[e] * stride;
    const to = targets[e] * stride;
    for (let s = 0; s < samples; s++) inputGradients[from + s] += weight * gradients[to + s];
  }
  for (let at = 0; at < inputGradients.length; at++) if (!(inputs[at] > 0)) inputGradients[at] = 0;
}
