import { bestCommunities } from "../graph/communities.ts";
import type { Measure } from "./measure.ts";

export const modularity: Measure = {
  name: "modularity",
  summary: "modularity of the best partition of the active neurons that the Louvain method finds",
  source: "Newman and Girvan 2004, equation 5, resolution 1; Blondel et al. 2008",
  isCostly: true,
  // 253,154 took 2.2 s.
  mostActive: 250_000,
  compute: ({ graph }) => bestCommunities(graph)?.modularity ?? null,
};
