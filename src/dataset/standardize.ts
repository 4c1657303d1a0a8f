/** The constants that standardise an input column: standardised input i is `(x - mean[i]) * scale[i]`. */
export interface Standardization {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/**
 * Mean and 1 / standard deviation (population variance) of every input over the training split, summed in float64. Sums
 * are taken over differences from the first row, so that a constant column gives a variance of exactly 0 and gets scale
 * 0; a column whose 1 / std does not fit f32 counts as constant too. Never NaN.
 * @param features `[sample][input]`, row-major, finite, at least one row
 * @param inputs number of columns
 */
export function standardize(features: Float32Array | Uint8Array, inputs: number): Standardization {
  const samples = features.length / inputs;
  const distance = new Float64Array(inputs);
  for (let first = 0; first < features.length; first += inputs) {
    for (let i = 0; i < inputs; i++) distance[i] += features[first + i] - features[i];
  }
  for (let i = 0; i < inputs; i++) distance[i] /= samples;
  const squares = new Float64Array(inputs);
  for (let first = 0; first < features.length; first += inputs) {
    for (let i = 0; i < inputs; i++) {
      const deviation = features[first + i] - features[i] - distance[i];
      squares[i] += deviation * deviation;
    }
  }
  const mean = new Float32Array(inputs);
  const scale = new Float32Array(inputs);
  for (let i = 0; i < inputs; i++) {
    mean[i] = features[i] + distance[i];
    const inverse = Math.fround(1 / Math.sqrt(squares[i] / samples));
    scale[i] = Number.isFinite(inverse) ? inverse : 0;
  }
  return { mean, scale };
}

/** The constants that leave every input unchanged: mean 0, scale 1. */
export function unstandardized(inputs: number): Standardization {
  return { mean: new Float32Array(inputs), scale: new Float32Array(inputs).fill(1) };
}

/** True for constants that leave every input unchanged. */
export function isUnstandardized({ mean, scale }: Standardization): boolean {
  return mean.every((value) => value === 0) && scale.every((value) => value === 1);
}
