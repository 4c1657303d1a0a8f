import { branchLevels } from "../../lottery/branch/branch_levels.ts";
import { branchColumns, denseNote, intervalNote } from "../../report/branch_columns.ts";
import { branchRows } from "../../report/branch_rows.ts";
import { branchScores } from "../../report/figures/branches.ts";
import { stabilityFigure } from "../../report/figures/stability.ts";
import type { Column } from "../../report/plain_table.ts";
import { scoreNames, sharedScoreName } from "../../report/score_names.ts";
import { stabilityColumns } from "../../report/stability_columns.ts";
import { stabilityRows } from "../../report/stability_rows.ts";
import type { BranchRuns, RunResult, Stability } from "../../run/result.ts";
import { recordTable } from "../../table/record_table.ts";
import { csvTable } from "../../table/text_tables.ts";
import type { BranchReport, FailedBranch, ReportTable, StabilityReport } from "../protocol.ts";

/** Tables and figures of branches and of stability, as the command line makes them. A script of its own. */

export async function branchReport(result: BranchRuns): Promise<BranchReport> {
  const rows = branchRows(branchLevels(result.sources));
  const tasks = result.experiments.flatMap((experiment) => experiment.tasks);
  const scoreName = sharedScoreName(Object.values(scoreNames(tasks)));
  return {
    rows,
    scoreName,
    table: tableOf(branchColumns(rows, scoreName)),
    notes: [intervalNote(rows), denseNote(rows)].filter((note) => note !== undefined),
    csv: await csvOf(rows),
    figure: branchScores(rows, scoreName),
    failed: failedOf(result),
  };
}

export async function stabilityReport(result: Stability): Promise<StabilityReport> {
  const { lines } = result;
  const failed = failedOf(result);
  if (lines.length === 0) return { failed };
  return {
    measured: {
      table: tableOf(stabilityColumns(lines)),
      csv: await csvOf(stabilityRows(lines)),
      figure: stabilityFigure(lines),
    },
    failed,
  };
}

/** A table whose heads are single lines. */
function tableOf({
  columns,
  cells,
}: {
  readonly columns: readonly Column[];
  readonly cells: ReportTable["cells"];
}): ReportTable {
  return { heads: columns.map(({ head }) => head.replaceAll("-\n", "").replaceAll("\n", " ")), cells };
}

async function csvOf(records: readonly object[]): Promise<string> {
  const { columns, rows } = recordTable(records);
  const pieces: string[] = [];
  for await (const piece of csvTable(columns, rows)) pieces.push(piece);
  return pieces.join("");
}

function failedOf({ experiments }: RunResult): FailedBranch[] {
  return experiments.flatMap(({ name, failed }) => failed.map(({ seed, message }) => ({ name, seed, message })));
}
