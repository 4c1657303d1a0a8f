import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * Distance of a trained weight from its initial value. This is the movement of Zhou et al. 2019. The movement pruning of
 * Sanh et al. 2020 is another: it sums up -w dL/dw over the steps of a fine-tuning.
 */
export const movement = {
  name: "movement",
  summary: "weights first that are nearest to their initial values",
  formula: "|w - w_i|, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, movement",
  needs: ["trained weights", "initial weights"],
  ofBias: "|b - b_i|, which is |b| where biases begin at 0, as those of every initialiser do",
  scores: weightwise(({ trained, initial }, at) => Math.abs(trained[at] - initial[at])),
} satisfies ScoreCriterion;
