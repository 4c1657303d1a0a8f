import wgsl from "../../../shaders/criteria/scaled_magnitude.wgsl";
import type { Parameters } from "../../network/parameters.ts";
import type { KeyCriterion } from "../criterion.ts";
import { scoreKey } from "../score_key.ts";

/**
 * Magnitude divided by the standard deviation of the layer's initial weights, so that weights of layers with different
 * fan-in are compared on one scale.
 */
export const scaledMagnitude = {
  name: "scaled-magnitude",
  summary: "smallest trained weights first, each over its layer's initial standard deviation",
  formula: "|w| / sigma, sigma the root of the mean square of the layer's initial weights",
  needs: ["trained weights", "initial weights"],
  ofBias: "|b| / sigma of its layer",
  scale: (initial, layer) => Math.fround(1 / initialDeviation(initial, layer)),
  key: (weight, _index, { scale }) => scoreKey(Math.fround(Math.abs(weight) * scale)),
  wgsl: { file: "criteria/scaled_magnitude.wgsl", text: wgsl },
} satisfies KeyCriterion;

/**
 * Standard deviation about 0, the mean of every initialiser; 1 for a layer that starts at 0: its scores stay unscaled.
 */
function initialDeviation(initial: Parameters, layer: number): number {
  const weights = initial.weights(layer);
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return squares > 0 ? Math.sqrt(squares / weights.length) : 1;
}
