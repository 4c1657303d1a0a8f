import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * Gradient signal preservation: how much the squared length of the gradient grows, to first order, if a weight becomes 0
 * (half of it). The paper's score is -w H g, and the weights with the largest scores are pruned first: removing them
 * reduces the gradient least, or makes it larger. A selector prunes the smallest first, so that the sign is changed here.
 * The paper divides the logits by a temperature of 200 and takes 10 samples of each class; here the temperature is 1, and
 * the samples are those of `hessianGradientsOf` (`src/lottery/hessian_gradients.ts`).
 */
export const grasp = {
  name: "grasp",
  summary: "start weights first whose removal leaves most of the gradient's length",
  formula:
    "-w_s (H g_s), the largest first; g_s and H the gradient and Hessian of the mean training loss at the masked start weights w_s",
  source: "Wang, Zhang, Grosse 2020, equation 8 and algorithm 1",
  needs: ["start weights", "start Hessian gradients"],
  scores: weightwise(({ start, startHessianGradients }, at) => start[at] * startHessianGradients[at]),
} satisfies ScoreCriterion;
