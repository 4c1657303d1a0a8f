import { inThousands } from "../base/format.ts";
import { branchColumns, denseNote, intervalNote } from "./branch_columns.ts";
import type { BranchRow } from "./branch_rows.ts";
import { fittingTable } from "./plain_table.ts";

/**
 * The branches of some runs as a text table, a line for each level and kind, and below it what the ticket of each level is
 * worth.
 * @param rows at least one, those of a level together
 * @param scoreName of all tasks, such as accuracy
 * @returns lines without a line end after the last
 */
export function branchTable(rows: readonly BranchRow[], scoreName: string): string {
  const { columns, cells } = branchColumns(rows, scoreName);
  const told = cells.map((row, i) => [rows[i - 1]?.level === rows[i].level ? "" : row[0], ...row.slice(1)]);
  const lines = [...new Set(rows.map(({ level }) => level))].flatMap((level) => {
    const line = worthLine(rows.filter((row) => row.level === level));
    return line === undefined ? [] : [line];
  });
  return [fittingTable(columns, told), intervalNote(rows), ...lines, denseNote(rows)]
    .filter((line) => line !== undefined)
    .join("\n");
}

/** `level 5, 160 weights: only by IMP (ticket wins 2 of 2; reinit 0 of 4, shuffled 0 of 4)`. */
export function worthLine(rows: readonly BranchRow[]): string | undefined {
  const ticket = rows.find(({ kind }) => kind === "ticket");
  if (!ticket || ticket.worth === null) return undefined;
  const wins = ({ kind, wins, runs }: BranchRow) => `${kind} ${wins} of ${runs}`;
  const controls = rows.filter(({ isControl }) => isControl).map(wins);
  const won = `the ticket wins ${ticket.wins} of ${ticket.runs}`;
  const compared = controls.length > 0 ? `; ${controls.join(", ")}` : "";
  return `level ${ticket.level}, ${inThousands(Math.round(ticket.weights))} weights: ${ticket.worth} (${won}${compared})`;
}
