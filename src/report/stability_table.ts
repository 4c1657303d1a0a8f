import type { StabilityLine } from "../lottery/branch/stability_line.ts";
import { fittingTable } from "./plain_table.ts";
import { stabilityColumns } from "./stability_columns.ts";

/**
 * The stability of the tickets of some levels as a text table, a row for each line: instability of the error in percent, and of
 * each task's validation loss in its unit.
 * @param lines at least one
 * @returns lines without a line end after the last
 */
export function stabilityTable(lines: readonly StabilityLine[]): string {
  const { columns, cells } = stabilityColumns(lines);
  return fittingTable(columns, cells);
}
