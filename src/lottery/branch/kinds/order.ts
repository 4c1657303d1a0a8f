import type { BranchKind } from "../kind.ts";

/** The ticket, trained with its samples in another order. */
export const order: BranchKind = {
  name: "order",
  summary: "the ticket, its samples in another order",
  paper: "Frankle et al. 2020",
  usesSeed: true,
  isControl: false,
  reorders: true,
};
