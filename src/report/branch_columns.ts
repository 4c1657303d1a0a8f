import { formatAccuracy, inThousands } from "../base/format.ts";
import type { BranchRow } from "./branch_rows.ts";
import { fewestValues } from "./mean_interval.ts";
import type { Column } from "./plain_table.ts";

/**
 * The branches of some runs in columns, a row of cells for each level and kind; the first three are level, weights and kind.
 * @param rows at least one
 * @param scoreName of all tasks, such as accuracy
 */
export function branchColumns(
  rows: readonly BranchRow[],
  scoreName: string,
): { readonly columns: readonly Column[]; readonly cells: readonly (readonly (string | number)[])[] } {
  const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
  const inSteps = rows.some((row) => row.inSteps);
  const columns: Column[] = [
    right("level"),
    right("weights\nleft"),
    { head: "branch", align: "left" },
    right("runs"),
    right(`mean\n${scoreName}`),
    right("95 %\ninterval", 2),
    right("lowest to\nhighest", 1),
    right("wins"),
    right("sepa-\nrated"),
    right("active", 3),
    right(inSteps ? "steps" : "epochs", 4),
  ];
  const cells = rows.map(({ level, weights, kind, runs, score, wins, separated, active, epochs, steps }) => [
    level,
    inThousands(Math.round(weights)),
    kind,
    runs,
    formatAccuracy(score.mean),
    score.low === null ? "-" : `${formatAccuracy(score.low)}..${formatAccuracy(score.high)}`,
    `${formatAccuracy(score.lowest)}..${formatAccuracy(score.highest)}`,
    wins,
    separated,
    inThousands(Math.round(active)),
    inThousands(Math.round(inSteps ? steps : epochs)),
  ]);
  return { columns, cells };
}

/** A line where no row has an interval; undefined where one has. */
export function intervalNote(rows: readonly BranchRow[]): string | undefined {
  if (rows.some(({ score }) => score.low !== null)) return undefined;
  return `no interval: it takes ${fewestValues} runs, or ${fewestValues} branches of one run`;
}

/** A line where no ticket of some runs can win; undefined where all can. */
export function denseNote(rows: readonly BranchRow[]): string | undefined {
  // The dense network wins against itself unless it has lost a task.
  const dense = rows.find(({ kind }) => kind === "dense");
  if (!dense || dense.wins === dense.runs) return undefined;
  return `the dense network has lost a task in ${dense.runs - dense.wins} of ${dense.runs} runs, where no ticket can win`;
}
