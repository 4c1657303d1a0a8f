import { ascendingOrder } from "../ascending_order.ts";
import { layerwise, type ScoreCriterion } from "../criterion.ts";
import { scoreKey } from "../score_key.ts";

/**
 * Layer-adaptive magnitude: the square of a weight over the sum of the squares of the weights of its layer that are not
 * smaller. The weights of a layer are sorted by magnitude, ascending; of equal magnitudes the one with the lower flat
 * index comes first, and so has the smaller score. The largest weight of every layer has the score 1, so that a layer
 * keeps its last weight until all layers are down to theirs. A layer of zeros has scores of 0.
 */
export const lamp = {
  name: "lamp",
  summary: "smallest squares first, each over the sum of the squares of its layer that are not smaller",
  formula: "w_u^2 / (sum over v >= u of w_v^2), u and v positions in the layer's order of magnitude",
  source: "Lee, Park, Mo, Ahn, Shin 2021, equation 3",
  needs: ["trained weights"],
  ofBias: "that of one more weight of its layer",
  scores: layerwise(({ trained }) => {
    const scores = new Float64Array(trained.length);
    const keys = new Uint32Array(trained.length);
    for (let at = 0; at < keys.length; at++) keys[at] = scoreKey(trained[at]);
    const order = ascendingOrder(keys);
    let sum = 0;
    for (let rank = order.length - 1; rank >= 0; rank--) {
      const at = order[rank];
      const square = trained[at] * trained[at];
      sum += square;
      scores[at] = sum > 0 ? square / sum : 0;
    }
    return scores;
  }),
} satisfies ScoreCriterion;
