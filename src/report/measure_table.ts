import { measures } from "../analysis/measures/measures.ts";
import { inThousands, threeDigits } from "../base/format.ts";
import type { LevelRecord, StoredMeasure } from "../store/level_record.ts";
import { plainTable } from "./plain_table.ts";

/** The measures of some levels that are one number, in the order of the registry; those that it does not know last. */
export function measuredNames(levels: readonly LevelRecord[]): string[] {
  const found = new Set(levels.flatMap((level) => Object.keys(level.measures ?? {})));
  const known = measures.names.filter((name) => found.has(name));
  return [...known, ...[...found].filter((name) => !measures.has(name))];
}

/** Mean of the values of a measure within tasks (the diagonal) and between two (all others); null where there is none. */
export function withinAndBetween(value: readonly (readonly (number | null)[])[]) {
  const mean = (values: readonly (number | null)[]) => {
    const known = values.filter((each) => each !== null);
    return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length;
  };
  return {
    within: mean(value.map((row, task) => row[task])),
    between: mean(value.flatMap((row, task) => row.filter((_, other) => other !== task))),
  };
}

/** Columns beside the level that fit a terminal. */
const columnsPerTable = 6;

/**
 * The measures of the levels of a run as text tables of at most six columns each; a measure for every two tasks as the mean
 * within tasks and between two.
 * @returns no line where the levels have no measures
 */
export function measureLines(levels: readonly LevelRecord[]): string[] {
  const columns = measuredNames(levels).flatMap((name) => {
    const values = levels.map((level) => level.measures?.[name] ?? null);
    const head = name.replaceAll("-", "-\n");
    if (!values.some((value) => Array.isArray(value))) return [{ head, cells: values.map(cellOf) }];
    const means = values.map((value) =>
      typeof value === "object" && value !== null ? withinAndBetween(value) : { within: value, between: value },
    );
    return [
      ...(means.some(({ within }) => within !== null)
        ? [{ head: `${head}\nwithin`, cells: means.map(({ within }) => cellOf(within)) }]
        : []),
      { head: `${head}\nbetween`, cells: means.map(({ between }) => cellOf(between)) },
    ];
  });
  const tables: string[] = [];
  for (let first = 0; first < columns.length; first += columnsPerTable) {
    const shown = columns.slice(first, first + columnsPerTable);
    tables.push(
      plainTable(
        [{ head: "level", align: "right" }, ...shown.map(({ head }) => ({ head, align: "right" }) as const)],
        levels.map(({ level }, row) => [level, ...shown.map(({ cells }) => cells[row])]),
      ),
    );
  }
  return tables;
}

function cellOf(value: StoredMeasure): string {
  if (typeof value !== "number") return "-";
  return Number.isInteger(value) ? inThousands(value) : threeDigits(value);
}
