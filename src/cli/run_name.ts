import { visible } from "../base/visible.ts";
import type { PlannedExperiment } from "../node.ts";
import { formatValue } from "../report/population_table.ts";

/** Most runs of an experiment that are reported level by level. */
const fewRuns = 20;

/** Number of runs: the seeds of all experiments. */
export function runCount(experiments: readonly Pick<PlannedExperiment, "seeds">[]): number {
  return experiments.reduce((sum, { seeds }) => sum + seeds.length, 0);
}

/** Whether each run is reported in one line instead of level by level: for several experiments, or many seeds. */
export function isReportedByRun(experiments: readonly Pick<PlannedExperiment, "seeds">[]): boolean {
  return experiments.length > 1 || runCount(experiments) > fewRuns;
}

/** A label for each experiment, with a space after it: `mnist lr=0.01 `; empty for a single experiment. */
export function experimentLabels(experiments: readonly Pick<PlannedExperiment, "name" | "values">[]): string[] {
  const hasNames = new Set(experiments.map(({ name }) => name)).size > 1;
  return experiments.map(({ name, values }) => {
    const parts = Object.entries(values).map(([key, value]) => `${key}=${formatValue(value)}`);
    return [...(hasNames ? [name] : []), ...parts].map((part) => `${visible(part)} `).join("");
  });
}
