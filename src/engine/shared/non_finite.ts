import { layerCount } from "../../base/shape.ts";
import type { Parameters } from "../../network/parameters.ts";

/** Names the first tensor that holds NaN or infinity, with their number and the first index; for error messages. */
export function firstNonFinite(parameters: Parameters): string {
  for (let layer = 0; layer < layerCount(parameters.shape); layer++) {
    for (const [name, values] of [
      [`layers.${layer}.weight`, parameters.weights(layer)],
      [`layers.${layer}.bias`, parameters.biases(layer)],
    ] as const) {
      const first = values.findIndex((value) => !Number.isFinite(value));
      if (first < 0) continue;
      const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
      return `${name}: ${count} values are not finite, the first at index ${first}`;
    }
  }
  return "all weights are finite";
}
