import { bigRatio } from "../between/task_paths.ts";
import type { Measure } from "./measure.ts";

/**
 * Paths from the inputs of a task to outputs of another / all paths between tasks, from 0 (every path stays within its task) to 1; null where there is
 * no path.
 */
export const crossPaths: Measure = {
  name: "cross-paths",
  summary: "share of the paths that lead from the inputs of a task to outputs of another",
  source: "this package; paths as in log10-paths",
  compute: ({ paths }) => {
    const all = paths.flat().reduce((sum, count) => sum + count, 0n);
    const own = paths.reduce((sum, row, task) => sum + row[task], 0n);
    return all === 0n ? null : bigRatio(all - own, all);
  },
};
