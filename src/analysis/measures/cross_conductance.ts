import { type Measure, mostActiveOfGraph } from "./measure.ts";

/**
 * The sum of the effective conductances between the inputs of a task and the outputs of another / the sum of all, from 0 to 1; null where nothing is connected.
 */
export const crossConductance: Measure = {
  name: "cross-conductance",
  summary: "share of the effective conductance that leads from the inputs of a task to outputs of another",
  source: "this package; conductance as in conductance",
  mostActive: mostActiveOfGraph,
  compute: ({ conductance }) => {
    let [own, cross] = [0, 0];
    for (const [input, row] of conductance.entries()) {
      for (const [output, value] of row.entries()) {
        if (value === null) return null;
        if (input === output) own += value;
        else cross += value;
      }
    }
    return own + cross === 0 ? null : cross / (own + cross);
  },
};
