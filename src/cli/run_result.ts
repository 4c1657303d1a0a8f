import type { RunResult } from "../node.ts";
import { levelEnginesLine } from "../report/level_engines.ts";
import { levelTable, outcomeLine } from "../report/level_table.ts";
import { outcomeCounts, populationTable } from "../report/population_table.ts";
import { plural } from "./format.ts";
import { usesColor } from "./output.ts";
import { experimentLabels, isToldByRun } from "./run_name.ts";
import { scoreNames } from "./score_names.ts";

/** What became of the runs, for people: level by level, or a line a run where they are many. */
export function describeResult(result: RunResult, out: string): string {
  const { experiments } = result;
  if (!isToldByRun(experiments)) {
    const [{ name, folder, runs, spec }] = experiments;
    const color = usesColor();
    return [
      ...runs.flatMap((one) => {
        const engines = levelEnginesLine(one.levels);
        return [
          levelTable(one.levels, { color, scoreNames: scoreNames(spec) }),
          ...(engines ? [engines] : []),
          `${outcomeLine({ ...one, name })}\n`,
        ];
      }),
      `results: ${folder}`,
    ].join("\n");
  }
  const rows = experiments.flatMap(({ name, values, runs }) => runs.map((one) => ({ name, values, ...one })));
  const results =
    experiments.length === 1
      ? `results: ${experiments[0].folder}`
      : `results: ${plural(experiments.length, "folder")} in ${out}; --json and --dry-run tell whose is which`;
  return [populationTable(rows), outcomeCounts(rows), "", results].join("\n");
}

/**
 * What `--json` prints. One experiment: name, spec, executor, folder, runs. Several: executor and experiments, each with the
 * values that set it apart. Runs whose training diverged are listed under `failed`, for one experiment only where there are any.
 */
export function resultDocument({ executor, experiments }: RunResult): unknown {
  const documents = experiments.map(({ name, values, spec, folder, runs, failed }) => ({
    name,
    values,
    spec,
    folder,
    runs: runs.map(({ seed, outcome, levels }) => ({ seed, outcome, levels })),
    failed,
  }));
  if (documents.length > 1) return { executor, experiments: documents };
  const [{ name, spec, folder, runs, failed }] = documents;
  return { name, spec, executor, folder, runs, ...(failed.length > 0 && { failed }) };
}

/** A line for each run that failed: which run, and what was wrong. */
export function failureLines({ experiments }: RunResult): string[] {
  const labels = experimentLabels(experiments);
  return experiments.flatMap(({ failed }, k) => failed.map(({ message }) => `${labels[k]}${message}`));
}
