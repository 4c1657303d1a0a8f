import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** Magnitude of a trained weight that has changed its initial sign, 0 being a sign of its own; 0 for one that has kept it. */
export const largeFinalDiffSign = {
  name: "large-final-diff-sign",
  summary: "weights first that have kept their sign, then the smallest trained ones, a control",
  formula: "|w| where sign(w) differs from sign(w_i), else 0, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 5, and their program, large_final_diff_sign",
  needs: ["trained weights", "initial weights"],
  scores: weightwise(({ trained, initial }, at) =>
    Math.sign(trained[at]) === Math.sign(initial[at]) ? 0 : Math.abs(trained[at]),
  ),
} satisfies ScoreCriterion;
