import type { BranchKind } from "../kind.ts";

/** The mask of a single pruning in the place of that of many rounds. */
export const oneShot: BranchKind = {
  name: "one-shot",
  summary: "the trained dense network pruned once to as many weights, the initial weights",
  paper: "Frankle and Carbin 2019",
  usesSeed: false,
  isControl: false,
  prunesOnce: true,
  mask: ({ oneShot }) => oneShot(),
};
