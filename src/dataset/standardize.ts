import { shareableBuffer } from "../base/buffers.ts";
import { InputError } from "../base/errors.ts";

/** The constants that standardise an input column: standardised input i is `(x - mean[i]) * scale[i]`. */
export interface Standardization {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** As {@link Standardization}, in float64. */
export interface WideStandardization {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Inputs `[sample][input]`, row-major and finite. */
type Features = Float64Array | Float32Array | Uint8Array;

/**
 * Mean and 1 / standard deviation (population variance) of every input over some samples, in float64. Sums are taken
 * over differences from the first of them, so that a constant column gives a variance of exactly 0 and gets scale 0, and
 * large values that differ by little lose no digits. Never NaN.
 * @param inputs number of columns
 * @param rows the samples, at least one; all when left out
 * @throws InputError naming the column whose squares float64 does not hold, too large or too small
 */
export function wideStandardization(features: Features, inputs: number, rows?: Uint32Array): WideStandardization {
  const samples = rows ? rows.length : features.length / inputs;
  const origin = (rows ? rows[0] : 0) * inputs;
  const distance = new Float64Array(inputs);
  for (let sample = 0; sample < samples; sample++) {
    const first = (rows ? rows[sample] : sample) * inputs;
    for (let i = 0; i < inputs; i++) distance[i] += features[first + i] - features[origin + i];
  }
  for (let i = 0; i < inputs; i++) distance[i] /= samples;
  const squares = new Float64Array(inputs);
  const differs = new Uint8Array(inputs);
  for (let sample = 0; sample < samples; sample++) {
    const first = (rows ? rows[sample] : sample) * inputs;
    for (let i = 0; i < inputs; i++) {
      const deviation = features[first + i] - features[origin + i] - distance[i];
      squares[i] += deviation * deviation;
      if (deviation !== 0) differs[i] = 1;
    }
  }
  const mean = new Float64Array(inputs);
  const scale = new Float64Array(inputs);
  for (let i = 0; i < inputs; i++) {
    mean[i] = features[origin + i] + distance[i];
    const deviation = Math.sqrt(squares[i] / samples);
    if (!Number.isFinite(deviation)) {
      throw new InputError(
        `input column ${i + 1}: its values, such as ${features[origin + i]}, are too far apart for a standard deviation in float64; divide the column by a power of 10`,
      );
    }
    const inverse = 1 / deviation;
    if (differs[i] === 1 && !Number.isFinite(inverse)) {
      throw new InputError(
        `input column ${i + 1}: its values, such as ${features[origin + i]}, are too close together for a standard deviation in float64; multiply the column by a power of 10`,
      );
    }
    scale[i] = Number.isFinite(inverse) ? inverse : 0;
  }
  return { mean, scale };
}

/**
 * As {@link wideStandardization} over all samples, rounded to f32; a column whose 1 / standard deviation does not fit
 * f32 counts as constant too.
 */
export function standardize(features: Features, inputs: number): Standardization {
  const { mean, scale } = wideStandardization(features, inputs);
  return {
    mean: Float32Array.from(mean),
    scale: Float32Array.from(scale, (value) => (Number.isFinite(Math.fround(value)) ? value : 0)),
  };
}

/**
 * Standardised inputs of some samples, computed in float64 and rounded once: a column keeps what distinguishes its
 * values, however far they are from 0.
 * @param rows the samples, in the order of the result
 * @throws InputError naming the column and value whose result is beyond f32
 */
export function standardized(features: Features, rows: Uint32Array, constants: WideStandardization): Float32Array {
  const { mean, scale } = constants;
  const inputs = mean.length;
  const values = new Float32Array(shareableBuffer(rows.length * inputs * 4));
  for (let sample = 0; sample < rows.length; sample++) {
    const [from, to] = [rows[sample] * inputs, sample * inputs];
    for (let i = 0; i < inputs; i++) {
      const value = Math.fround((features[from + i] - mean[i]) * scale[i]);
      if (!Number.isFinite(value)) {
        throw new InputError(
          `input column ${i + 1}: ${features[from + i]} is beyond f32 (mean ${mean[i]}, 1 / standard deviation ${scale[i]}); correct the value, or divide the column by a power of 10`,
        );
      }
      values[to + i] = value;
    }
  }
  return values;
}

/**
 * The constants from the raw inputs to what is learnt: those that a dataset's inputs were stored with, then its own.
 * @param applied absent where inputs are stored raw
 */
export function wholeStandardization({
  mean,
  scale,
  applied = unchanged(mean.length),
}: Standardization & { readonly applied?: WideStandardization }): WideStandardization {
  return {
    // (x - m) s is standardised once more: ((x - m) s - mean) scale. A constant column is 0 both times.
    mean: applied.mean.map((m, i) => (applied.scale[i] === 0 ? m : m + mean[i] / applied.scale[i])),
    scale: applied.scale.map((s, i) => s * scale[i]),
  };
}

/** As {@link unstandardized}, in float64. */
export function unchanged(inputs: number): WideStandardization {
  return { mean: new Float64Array(inputs), scale: new Float64Array(inputs).fill(1) };
}

/** The constants that leave every input unchanged: mean 0, scale 1. */
export function unstandardized(inputs: number): Standardization {
  return { mean: new Float32Array(inputs), scale: new Float32Array(inputs).fill(1) };
}
