import { bigLog10 } from "../between/task_paths.ts";
import type { Measure } from "./measure.ts";

export const log10Paths: Measure = {
  name: "log10-paths",
  summary:
    "log10 of the number of paths from the inputs of each task to the outputs of each; none where there is no path",
  source: "Neyshabur, Tomioka and Srebro 2015, Norm-based capacity control in neural networks, of the mask",
  isMatrix: true,
  compute: ({ paths }) => paths.map((row) => row.map((count) => (count === 0n ? null : bigLog10(count)))),
};
