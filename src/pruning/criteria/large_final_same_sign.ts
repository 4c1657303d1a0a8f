import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** Magnitude of a trained weight that has kept its initial sign; 0 for one that has changed it, or was drawn as 0. */
export const largeFinalSameSign = {
  name: "large-final-same-sign",
  summary: "weights first that have changed their sign, then the smallest trained ones",
  formula: "max(0, w w_i / |w_i|), w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 5, large_final_same_sign",
  needs: ["trained weights", "initial weights"],
  scores: weightwise(({ trained, initial }, at) => Math.max(0, trained[at] * Math.sign(initial[at]))),
} satisfies ScoreCriterion;
