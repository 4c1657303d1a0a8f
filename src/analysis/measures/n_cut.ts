import { type Measure, mostActiveOfGraph } from "./measure.ts";

export const nCut: Measure = {
  name: "n-cut",
  summary:
    "normalised cut of the active weights into as many groups as tasks, at least two, by spectral clustering: 0 where they fall apart",
  source: "Filan et al. 2021, Clusterability in neural networks, section 2, of the mask",
  mostActive: mostActiveOfGraph,
  compute: ({ spectral }) => spectral?.nCut ?? null,
};
