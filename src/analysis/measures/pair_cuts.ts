import { type Measure, mostActiveOfGraph } from "./measure.ts";

export const pairCuts: Measure = {
  name: "pair-cuts",
  summary:
    "fewest active weights whose removal disconnects the inputs and outputs of one task from those of another, for every two tasks",
  source: "Ford and Fulkerson 1956, by the algorithm of Dinic 1970",
  mostActive: mostActiveOfGraph,
  isMatrix: true,
  compute: ({ cuts }) => cuts.pairs,
};
