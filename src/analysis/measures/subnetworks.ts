import type { Measure } from "./measure.ts";

export const subnetworks: Measure = {
  name: "subnetworks",
  summary: "weakly connected components of the active weights",
  source: "Burger 2024, chapter 3",
  compute: ({ subnetworks: found }) => found.length,
};
