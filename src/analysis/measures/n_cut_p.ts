import { nCutNull } from "../graph/n_cut_null.ts";
import type { Measure } from "./measure.ts";

/** Shuffled networks that an n-cut is held against: p is at least 1 / (shuffles + 1). */
const shuffles = 99;

export const nCutP: Measure = {
  name: "n-cut-p",
  summary: `p-value of the n-cut against ${shuffles} networks with the active weights of each layer shuffled between the active neurons`,
  source: "Filan et al. 2021, Clusterability in neural networks, section 2, of the mask",
  isCostly: true,
  // 1,891 took 1.8 s.
  mostActive: 20_000,
  compute: ({ graph, spectral, groups }) =>
    spectral ? (nCutNull(graph, spectral, groups, shuffles)?.p ?? null) : null,
};
