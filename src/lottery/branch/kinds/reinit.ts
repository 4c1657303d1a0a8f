import type { BranchKind } from "../kind.ts";

/** All weights drawn again from the initialiser's distribution. */
export const reinit: BranchKind = {
  name: "reinit",
  summary: "initial weights drawn anew, the ticket's mask",
  paper: "Frankle and Carbin 2019",
  usesSeed: true,
  isControl: true,
  start: (_, redraw) => redraw(),
};
