import type { Statistic } from "./statistic.ts";

export const separated: Statistic = {
  name: "separated",
  summary: "1 where each task has a subnetwork of its own, by the coverage of the run, else 0",
  tail: "greater",
  why: "the claim is that the ticket has separated",
  of: (structure) => (structure.separated ? 1 : 0),
};
