import { type ScoreCriterion, weightwise } from "../criterion.ts";

/**
 * First-order estimate of how much the mean training loss changes if a trained weight becomes 0. Molchanov et al. 2019
 * square it, which gives the same order; their 2016 paper takes it of activations.
 */
export const gradientSaliency = {
  name: "gradient-saliency",
  summary: "trained weights first that change the loss least, by its gradient",
  formula: "|w g|, g the gradient of the mean training loss at the trained weights",
  source:
    "Molchanov, Mallya, Tyree, Frosio, Kautz 2019, section 3.1; of activations, Molchanov et al. 2017, section 2.2",
  needs: ["trained weights", "gradients"],
  ofBias: "|b g_b|, g_b the gradient by the bias",
  scores: weightwise(({ trained, gradients }, at) => Math.abs(trained[at] * gradients[at])),
} satisfies ScoreCriterion;
