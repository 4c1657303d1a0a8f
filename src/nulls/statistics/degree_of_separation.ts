import type { Statistic } from "./statistic.ts";

export const degreeOfSeparation: Statistic = {
  name: "degree-of-separation",
  summary:
    "share of the active neurons with descendants among the outputs of one task only, and the share with ancestors among the inputs of one task only: the mean of the two over all layers",
  tail: "greater",
  why: "the claim is that neurons serve one task each",
  of: ({ oneTaskTo, oneTaskFrom, neurons }) => (oneTaskTo + oneTaskFrom) / (2 * neurons),
};
