import { alignedMagnitudes } from "../aligned_magnitudes.ts";
import { layerwise, type ScoreCriterion } from "../criterion.ts";

/** The opposite of `large-init-large-final`, with the same alpha: keeps weights that are small before and after training. */
export const smallInitSmallFinal = {
  name: "small-init-small-final",
  summary: "weights first that were large when drawn or are large after training, a control",
  formula:
    "-max(alpha |w|, |w_i|), w_i the initial weight; alpha |w| is the |w_i| that has the rank of |w|, of the layer's kept weights",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, and their program, small_init_small_final",
  needs: ["trained weights", "initial weights"],
  scores: layerwise((layer) =>
    Float64Array.from(alignedMagnitudes(layer), (aligned, at) => -Math.max(aligned, Math.abs(layer.initial[at]))),
  ),
} satisfies ScoreCriterion;
