import { alignedMagnitudes } from "../aligned_magnitudes.ts";
import { layerwise, type ScoreCriterion } from "../criterion.ts";

/**
 * The smaller of a weight's magnitudes before and after training. The paper's factor alpha aligns the percentiles of the two
 * in each layer, and the authors' program prunes both below one percentile. Here alpha |w| is the initial magnitude at the
 * percentile of |w|, which gives a layer the same order and leaves the scores of layers on the scale of their initial weights.
 */
export const largeInitLargeFinal = {
  name: "large-init-large-final",
  summary: "weights first that were small when drawn or are small after training",
  formula:
    "min(alpha |w|, |w_i|), w_i the initial weight; alpha |w| is the |w_i| that has the rank of |w|, of the layer's kept weights",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, and their program, large_init_large_final",
  needs: ["trained weights", "initial weights"],
  scores: layerwise((layer) =>
    Float64Array.from(alignedMagnitudes(layer), (aligned, at) => Math.min(aligned, Math.abs(layer.initial[at]))),
  ),
} satisfies ScoreCriterion;
