import type { Statistic } from "./statistic.ts";

export const taskModularity: Statistic = {
  name: "task-modularity",
  summary:
    "Newman's modularity of the active weights as an undirected graph, with a group of neurons for each task and one for the neurons of several",
  tail: "greater",
  why: "the claim is that weights lie within tasks",
  of: ({ modularityTimes4m2, weights }) => modularityTimes4m2 / (4 * weights * weights),
};
