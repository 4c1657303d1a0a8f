import type { Statistic } from "./statistic.ts";

export const mixing: Statistic = {
  name: "mixing",
  summary: "of the pairs of an input and an output that a path joins, the share of those of different tasks",
  tail: "less",
  why: "the claim is that tasks do not use the inputs of each other",
  of: ({ crossPairs, pairs }) => crossPairs / pairs,
};
