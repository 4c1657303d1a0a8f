import type { PlannedExperiment } from "../node.ts";
import { formatValue } from "../report/population_table.ts";

/** Runs up to which an experiment is told level by level. */
const fewRuns = 20;

/** Seeds of all experiments. */
export function runCount(experiments: readonly Pick<PlannedExperiment, "seeds">[]): number {
  return experiments.reduce((sum, { seeds }) => sum + seeds.length, 0);
}

/** Whether runs are told in one line each rather than level by level: several experiments, or many seeds. */
export function isToldByRun(experiments: readonly Pick<PlannedExperiment, "seeds">[]): boolean {
  return experiments.length > 1 || runCount(experiments) > fewRuns;
}

/** What tells an experiment's runs from those of the others, a space behind: `mnist lr=0.01 `; nothing where it is the only one. */
export function experimentLabels(experiments: readonly Pick<PlannedExperiment, "name" | "values">[]): string[] {
  const hasNames = new Set(experiments.map(({ name }) => name)).size > 1;
  return experiments.map(({ name, values }) => {
    const parts = Object.entries(values).map(([key, value]) => `${key}=${formatValue(value)}`);
    return [...(hasNames ? [name] : []), ...parts].map((part) => `${part} `).join("");
  });
}
