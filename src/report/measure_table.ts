import type { LevelRecord } from "../store/level_record.ts";
import { measureColumns } from "./measure_columns.ts";
import { plainTable } from "./plain_table.ts";

/** Columns beside the level that fit a terminal. */
const columnsPerTable = 6;

/**
 * The measures of the levels of a run as text tables of at most six columns each.
 * @returns no table where the levels have no measures
 */
export function measureLines(levels: readonly LevelRecord[]): string[] {
  const columns = measureColumns(levels);
  const tables: string[] = [];
  for (let first = 0; first < columns.length; first += columnsPerTable) {
    const shown = columns.slice(first, first + columnsPerTable);
    const heads = shown.map(({ name, part }) => name.replaceAll("-", "-\n") + (part ? `\n${part}` : ""));
    tables.push(
      plainTable(
        [{ head: "level", align: "right" }, ...heads.map((head) => ({ head, align: "right" }) as const)],
        levels.map(({ level }, row) => [level, ...shown.map(({ cells }) => cells[row])]),
      ),
    );
  }
  return tables;
}
