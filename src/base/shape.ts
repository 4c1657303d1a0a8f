import { InputError } from "./errors.ts";
import { shownJson } from "./visible.ts";

/** Layer widths (d_in, h_1, .., h_m, d_out) of a multilayer perceptron: at least two positive integers. */
export type Shape = readonly number[];

/** Number of weight matrices of a shape: layer l maps `shape[l]` inputs to `shape[l + 1]` outputs. */
export function layerCount(shape: Shape): number {
  return shape.length - 1;
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
 * @throws InputError when it has fewer than two entries or an entry is not an integer from 1 to 65535
 */
export function checkShape(shape: unknown, where: string): asserts shape is Shape {
  if (!Array.isArray(shape) || shape.length < 2) {
    throw new InputError(
      `${where}: a shape needs at least two layer widths such as [4,8,8,2], got ${shownJson(shape)}`,
    );
  }
  for (const width of shape) {
    if (!Number.isInteger(width) || width < 1 || width > 65535) {
      throw new InputError(`${where}: layer width ${shownJson(width)} is not an integer from 1 to 65535`);
    }
  }
}
