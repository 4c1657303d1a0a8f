import { type Measure, mostActiveOfGraph } from "./measure.ts";

/** The upper bound of `taskCuts`, which is the exact number for two tasks; null where two tasks share an active column. */
export const taskCut: Measure = {
  name: "task-cut",
  summary:
    "active weights that would have to go so that no two tasks are connected: the fewest for two tasks, for K more the bound by isolating cuts, at most 2 - 2/K times the fewest",
  source: "Ford and Fulkerson 1956; Dahlhaus et al. 1994, The complexity of multiterminal cuts",
  mostActive: mostActiveOfGraph,
  compute: ({ cuts }) => cuts.all?.most ?? null,
};
