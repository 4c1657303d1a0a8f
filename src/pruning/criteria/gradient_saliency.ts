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
    "Molchanov, Mallya, Tyree, Frosio, Kautz 2019, equation 8; Molchanov, Tyree, Karras, Aila, Kautz 2017, equation 7",
  needs: ["trained weights", "gradients"],
  scores: weightwise(({ trained, gradients }, at) => Math.abs(trained[at] * gradients[at])),
} satisfies ScoreCriterion;
