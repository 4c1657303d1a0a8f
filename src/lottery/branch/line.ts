import { Parameters } from "../../network/parameters.ts";

/**
 * Points on the line between two networks, evenly spaced, both ends among them: (1 - a) * first + a * second, in float64 and
 * rounded once to f32.
 * @param points number of points, from 2
 */
export function* linePoints(
  first: Parameters,
  second: Parameters,
  points: number,
): Generator<{ readonly point: number; readonly parameters: Parameters }> {
  const [a, b] = [first.values, second.values];
  for (let k = 0; k < points; k++) {
    const alpha = k / (points - 1);
    const values = a.map((value, i) => (1 - alpha) * value + alpha * b[i]);
    yield { point: k, parameters: new Parameters(first.shape, values) };
  }
}

/**
 * Instability: how far the error rises on the line between two networks above the mean of its two ends (the linear
 * interpolation error barrier of Frankle, Dziugaite, Roy and Carbin 2020, section 2).
 * @param errors along the line, its ends among them, as shares
 * @returns a share, at least 0 up to rounding
 */
export function instability(errors: readonly number[]): number {
  const ends = (errors[0] + errors[errors.length - 1]) / 2;
  return Math.max(...errors) - ends;
}
