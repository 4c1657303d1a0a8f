import type { Statistic } from "./statistic.ts";

export const subnetworks: Statistic = {
  name: "subnetworks",
  summary: "weakly connected components of the active weights",
  tail: "greater",
  why: "the claim is that the ticket has fallen into more parts than chance makes",
  of: (structure) => structure.subnetworks,
};
