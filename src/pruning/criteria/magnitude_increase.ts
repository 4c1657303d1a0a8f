import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** By how much training has increased a weight's magnitude since it was drawn; negative where it has decreased it. */
export const magnitudeIncrease = {
  name: "magnitude-increase",
  summary: "weights first whose magnitude has grown least since they were drawn",
  formula: "|w| - |w_i|, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, magnitude_increase",
  needs: ["trained weights", "initial weights"],
  ofBias: "|b| - |b_i|, which is |b| where biases begin at 0, as those of every initialiser do",
  scores: weightwise(({ trained, initial }, at) => Math.abs(trained[at]) - Math.abs(initial[at])),
} satisfies ScoreCriterion;
