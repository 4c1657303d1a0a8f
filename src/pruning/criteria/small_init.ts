import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** The opposite of `initial-magnitude`: keeps the smallest initial weights, a control. */
export const smallInit = {
  name: "small-init",
  summary: "largest initial weights first, a control",
  formula: "-|w_i|, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, small_init",
  needs: ["initial weights"],
  scores: weightwise(({ initial }, at) => -Math.abs(initial[at])),
} satisfies ScoreCriterion;
