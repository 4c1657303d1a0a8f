import { layerwise, type ScoreCriterion } from "../criterion.ts";

/**
 * The smaller of a weight's magnitudes before and after training. The factor alpha puts the two on one scale. The paper
 * leaves it open; here it is, for each layer, the root mean square of the kept weights' initial values over that of their
 * trained values, or 1 where one of them is 0.
 */
export const largeInitLargeFinal = {
  name: "large-init-large-final",
  summary: "weights first that were small when drawn or are small after training",
  formula: "min(alpha |w|, |w_i|), w_i the initial weight, alpha = rms(w_i) / rms(w) of the layer's kept weights",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, large_init_large_final",
  needs: ["trained weights", "initial weights"],
  scores: layerwise(({ trained, initial }) => {
    const [before, after] = [sumOfSquares(initial), sumOfSquares(trained)];
    const alpha = before > 0 && after > 0 ? Math.sqrt(before / after) : 1;
    const scores = new Float64Array(trained.length);
    for (let at = 0; at < scores.length; at++) {
      scores[at] = Math.min(alpha * Math.abs(trained[at]), Math.abs(initial[at]));
    }
    return scores;
  }),
} satisfies ScoreCriterion;

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
