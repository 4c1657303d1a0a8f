import { type ScoreCriterion, weightwise } from "../criterion.ts";

/** Magnitude of the initial weight, whatever training has made of it: a control. */
export const initialMagnitude = {
  name: "initial-magnitude",
  summary: "smallest initial weights first, a control",
  formula: "|w_i|, w_i the initial weight",
  source: "Zhou, Lan, Liu, Yosinski 2019, section 2, large_init",
  needs: ["initial weights"],
  scores: weightwise(({ initial }, at) => Math.abs(initial[at])),
} satisfies ScoreCriterion;
