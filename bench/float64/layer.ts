/** Where the weights of a layer lead: entry e from neuron `sources[e]` to neuron `targets[e]`, ascending by target, then source. */
export interface Edges {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
}

/** One layer in float64: its edges, and views of what is trained. */
export interface Layer {
  readonly edges: Edges;
  /** One an edge. */
  readonly weights: Float64Array;
  readonly weightGradients: Float64Array;
  /** One a neuron. */
  readonly biases: Float64Array;
  readonly biasGradients: Float64Array;
}

/*
 * Activations and their gradients are `[neuron][sample]`, `stride` elements from one neuron to the next, of which the first
 * `samples` count: samples are the innermost loop.
 */

/** Writes what a layer makes of its inputs, before any ReLU. */
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

/** In place: negative values become 0. */
export function relu(activations: Float64Array, neurons: number, samples: number, stride: number): void {
  for (let i = 0; i < neurons; i++) {
    for (let at = i * stride; at < i * stride + samples; at++) activations[at] = Math.max(0, activations[at]);
  }
}

/**
 * Writes the gradients of a layer's weights and biases.
 * @param inputs the layer's
 * @param gradients of the loss, by what the layer made before any ReLU
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
 * Writes the gradients of the loss by what the layer below made before its ReLU.
 * @param inputs the layer's, after that ReLU: where they are 0, no gradient passes
 * @param gradients of the loss, by what the layer made before any ReLU
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
