import type { BranchKind } from "../kind.ts";

/** The ticket on another dataset. Its dense network is trained on that dataset too, and decides winning. */
export const data: BranchKind = {
  name: "data",
  summary: "the ticket on another dataset, with the dense network on it",
  paper: "Morcos et al. 2019",
  usesSeed: false,
  isControl: false,
  needs: "data",
};
