import wgsl from "../../../shaders/criteria/random.wgsl";
import { streamBlock } from "../../base/random.ts";
import type { KeyCriterion } from "../criterion.ts";

/** A random number for each weight, from (seed, level, index): a control. */
export const random = {
  name: "random",
  summary: "at random, a control",
  formula: "31 random bits of (seed, level, index)",
  needs: [],
  ofBias: "a random number like that of a weight",
  key: (_weight, index, { seed, level }) => streamBlock(seed, "randomPruning", index, level)[0] >>> 1,
  wgsl: { file: "criteria/random.wgsl", text: wgsl },
} satisfies KeyCriterion;
