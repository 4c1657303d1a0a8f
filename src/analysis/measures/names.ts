/**
 * The names of all measures, in the order in which they are shown and stored: of their registry (`measures.ts`), without what computes
 * them. What needs names alone, such as the page's form, imports this, so that it does not load solvers and a library of graphs.
 */
export const measureNames = [
  "density",
  "effective-density",
  "subnetworks",
  "foreign-inputs",
  "log10-paths",
  "cross-paths",
  "conductance",
  "cross-conductance",
  "pair-cuts",
  "task-cut",
  "task-modularity",
  "modularity",
  "n-cut",
  "n-cut-p",
] as const;
