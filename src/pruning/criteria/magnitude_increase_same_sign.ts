import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * Magnitude increase of a weight that has kept its sign; 0 for one that has changed it, as the authors' program has it.
 * So a weight that shrank goes before one that changed its sign.
 */
export const magnitudeIncreaseSameSign = {
  name: "magnitude-increase-same-sign",
  summary: "weights first whose magnitude has shrunk, then those that have changed their sign",
  formula: "|w| - |w_i| where sign(w) = sign(w_i), else 0, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 5, and their program, magnitude_increase_same_sign",
  needs: ["trained weights", "initial weights"],
  scores: weightwise(({ trained, initial }, at) =>
    Math.sign(trained[at]) === Math.sign(initial[at]) ? Math.abs(trained[at]) - Math.abs(initial[at]) : 0,
  ),
} satisfies ScoreCriterion;
