import { countCoverage } from "../coverage.ts";
import { foreignInputs as foreignInputsOf } from "../foreign_inputs.ts";
import type { Measure } from "./measure.ts";

export const foreignInputs: Measure = {
  name: "foreign-inputs",
  summary: "inputs that a subnetwork uses though none of the outputs of their task lies in the subnetwork",
  source: "this package",
  compute: ({ mask, subnetworks, tasks }) =>
    foreignInputsOf(subnetworks, tasks, countCoverage(subnetworks, tasks, mask.shape)).reduce((a, b) => a + b, 0),
};
