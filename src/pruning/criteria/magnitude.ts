import wgsl from "../../../shaders/criteria/magnitude.wgsl";
import type { KeyCriterion } from "../criterion.ts";
import { scoreKey } from "../score_key.ts";

/** Magnitude of the trained weight. */
export const magnitude = {
  name: "magnitude",
  summary: "smallest trained weights first",
  formula: "|w|",
  source: "Han, Pool, Tran, Dally 2015, section 3; Frankle and Carbin 2019, section 1",
  needs: ["trained weights"],
  ofBias: "|b|",
  key: (weight) => scoreKey(Math.abs(weight)),
  wgsl: { file: "criteria/magnitude.wgsl", text: wgsl },
} satisfies KeyCriterion;
