import { InputError } from "./errors.ts";
import { shownJson } from "./visible.ts";

/** Most neurons of a layer. */
export const mostWidth = 65535;
/** Most weight matrices of a network; a list that is longer is no shape. */
export const mostLayers = 1000;
/**
 * Most weights of a network: with biases, gradients and both moments of an optimiser more take over 16 GiB. Checked
 * before anything is allocated for a shape from outside.
 */
export const mostWeights = 2 ** 30;

/** Layer widths (d_in, h_1, .., h_m, d_out) of a multilayer perceptron: at least two positive integers. */
export type Shape = readonly number[];

/** Number of weight matrices of a shape: layer l maps `shape[l]` inputs to `shape[l + 1]` outputs. */
export function layerCount(shape: Shape): number {
  return shape.length - 1;
}

/** Number of biases of a network: one for each neuron after the inputs. */
export function biasCount(shape: Shape): number {
  return shape.slice(1).reduce((sum, outputs) => sum + outputs, 0);
}

/** Number of prunable weights (biases are not counted): the sum over layers of inputs times outputs. */
export function weightCount(shape: Shape): number {
  let count = 0;
  for (let layer = 0; layer < layerCount(shape); layer++) count += shape[layer] * shape[layer + 1];
  return count;
}

/** The shape in the usual notation: `(4,57,57,2)`. */
export function formatShape(shape: Shape): string {
  return `(${shape.join(",")})`;
}

/**
 * Checks a shape from user input.
 * @param where names the file or key in the message
 * @throws InputError when it has fewer than two entries or an entry is not an integer from 1 to 65535,
 * or the network has more than 1000 layers or 2^30 weights
 */
export function checkShape(shape: unknown, where: string): asserts shape is Shape {
  if (!Array.isArray(shape) || shape.length < 2) {
    throw new InputError(
      `${where}: a shape needs at least two layer widths such as [4,8,8,2], got ${shownJson(shape)}`,
    );
  }
  if (shape.length > mostLayers + 1) {
    throw new InputError(`${where}: a shape of ${shape.length} layer widths, at most ${mostLayers + 1} are read`);
  }
  for (const width of shape) {
    if (!Number.isInteger(width) || width < 1 || width > mostWidth) {
      throw new InputError(`${where}: layer width ${shownJson(width)} is not an integer from 1 to ${mostWidth}`);
    }
  }
  checkWeights(shape, where);
}

/** @throws InputError when a network of a shape has more weights than any device holds */
export function checkWeights(shape: Shape, where: string): void {
  const weights = weightCount(shape);
  if (weights <= mostWeights) return;
  throw new InputError(
    `${where}: a network of shape ${formatShape(shape)} has ${weights} weights, at most ${mostWeights}: choose smaller layers`,
  );
}
