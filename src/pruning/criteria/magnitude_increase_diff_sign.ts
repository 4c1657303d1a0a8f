import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * Magnitude increase of a weight that has changed its sign, 0 being a sign of its own; 0 for one that has kept it. So a weight
 * that changed its sign and shrank goes before one that kept its sign.
 */
export const magnitudeIncreaseDiffSign = {
  name: "magnitude-increase-diff-sign",
  summary: "weights first that have changed their sign and shrunk, then those that have kept it, a control",
  formula: "|w| - |w_i| where sign(w) differs from sign(w_i), else 0, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 5, and their program, magnitude_increase_diff_sign",
  needs: ["trained weights", "initial weights"],
  scores: weightwise(({ trained, initial }, at) =>
    Math.sign(trained[at]) === Math.sign(initial[at]) ? 0 : Math.abs(trained[at]) - Math.abs(initial[at]),
  ),
} satisfies ScoreCriterion;
