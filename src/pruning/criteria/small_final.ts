import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** The opposite of `magnitude` (large_final in the paper): keeps the smallest trained weights, a control. */
export const smallFinal = {
  name: "small-final",
  summary: "largest trained weights first, a control",
  formula: "-|w|",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, small_final",
  needs: ["trained weights"],
  scores: weightwise(({ trained }, at) => -Math.abs(trained[at])),
} satisfies ScoreCriterion;
