import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { FailedRun, RunResult } from "../node.ts";
import { baselineLine } from "../report/balanced_accuracy.ts";
import { levelEnginesLine } from "../report/level_engines.ts";
import { levelNotes, levelTable, outcomeLine } from "../report/level_table.ts";
import { nullLines } from "../report/null_lines.ts";
import { separatedByChance } from "../report/null_section.ts";
import { outcomeCounts, populationTable } from "../report/population_table.ts";
import { scoreNames } from "../report/score_names.ts";
import { experimentLabels, isReportedByRun } from "./run_name.ts";

/**
 * The results of runs as text: level by level, or one line per run if there are many.
 * @param out the folder of all runs
 * @param color whether levels are coloured by their state
 */
export function describeResult(result: RunResult, out: string, color: boolean): string {
  const { experiments } = result;
  if (!isReportedByRun(experiments)) {
    const [{ name, folder, runs, tasks, baselines, inputNames }] = experiments;
    const names = scoreNames(tasks);
    return [
      ...runs.flatMap((one) => {
        const engines = levelEnginesLine(one.levels);
        return [
          levelTable(one.levels, { color, scoreNames: names }),
          ...(engines ? [engines] : []),
          ...levelNotes(one.levels),
          ...nullLines(one.levels),
          `${outcomeLine({ ...one, name, scoreNames: names, inputNames })}\n`,
        ];
      }),
      baselineLine(baselines),
      `results: ${visible(String(folder))}`,
    ].join("\n");
  }
  const rows = experiments.flatMap(({ name, values, runs, tasks }) =>
    runs.map((one) => ({ name, values, scoreNames: scoreNames(tasks), ...one })),
  );
  const lines = new Set(experiments.map(({ baselines }) => baselineLine(baselines)));
  const baseline = lines.size === 1 ? lines : [];
  const results =
    experiments.length === 1
      ? `results: ${experiments[0].folder}`
      : `results: ${plural(experiments.length, "folder")} in ${out}; --json and --dry-run list them`;
  const counts = [outcomeCounts(rows), ...separatedByChance(rows)];
  return [populationTable(rows), ...baseline, ...counts, "", results].join("\n");
}

/**
 * What `--json` prints, for one spec or many: executor and experiments, each with the values in which it differs from
 * the others and with its runs; runs that diverged are listed under `failed`, runs that other processes were training under
 * `passedOver`.
 */
export function resultDocument({ executor, experiments }: RunResult) {
  return {
    executor,
    experiments: experiments.map(
      ({ name, values, spec, folder, coverage, inputNames, baselines, notices, runs, failed, passedOver }) => ({
        name,
        values,
        spec,
        folder,
        ...{ coverage, inputNames, baselines, notices },
        runs: runs.map(({ seed, outcome, levels }) => ({ seed, outcome, levels })),
        failed,
        passedOver,
      }),
    ),
  };
}

/** The runs that failed, each with a line: which run, what was wrong, and what the same command would do. */
export function failuresOf({ experiments }: RunResult): { kind: FailedRun["kind"]; line: string }[] {
  const labels = experimentLabels(experiments);
  return experiments.flatMap(({ failed }, k) =>
    failed.map(({ kind, message }) => ({
      kind,
      line: `${labels[k]}${message}${kind === "diverged" ? "; the same command would diverge again" : ""}`,
    })),
  );
}
