import { type Measure, mostActiveOfGraph } from "./measure.ts";

export const conductance: Measure = {
  name: "conductance",
  summary:
    "effective conductance from the inputs of each task to the outputs of each, each active weight a wire of conductance 1",
  source: "Doyle and Snell 1984, Random walks and electric networks, 1.3.4; Klein and Randic 1993",
  mostActive: mostActiveOfGraph,
  isMatrix: true,
  compute: (structure) => structure.conductance,
};
