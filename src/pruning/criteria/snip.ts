import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * Connection sensitivity: the size of the derivative of the loss by a factor of the weight. The paper divides by the sum of
 * all, which gives the same order, and takes the gradient of one batch at weights drawn with variance scaling; here it is
 * that of all training samples at the weights that the level starts from, so that levels make it iterative.
 */
export const snip = {
  name: "snip",
  summary: "start weights first that change the loss least, by its gradient there",
  formula: "|w_s g_s|, g_s the gradient of the mean training loss at the masked start weights w_s",
  source: "Lee, Ajanthan, Torr 2019, equations 5 and 6",
  needs: ["start weights", "start gradients"],
  scores: weightwise(({ start, startGradients }, at) => Math.abs(start[at] * startGradients[at])),
} satisfies ScoreCriterion;
