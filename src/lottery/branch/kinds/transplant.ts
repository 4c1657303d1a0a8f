import type { BranchKind } from "../kind.ts";

/** The mask of another run at the same level, with the initial weights of this one. */
export const transplant: BranchKind = {
  name: "transplant",
  summary: "the mask of another run at the same level, the initial weights of this one",
  usesSeed: false,
  isControl: false,
  needs: "from",
};
