import type { BranchKind } from "../kind.ts";

/** The same training again. On the same adapter it gives the bytes of the run. */
export const ticket: BranchKind = {
  name: "ticket",
  summary: "the ticket itself again: the reference of the others",
  paper: "Frankle and Carbin 2019",
  usesSeed: false,
  isControl: false,
};
