import { measureNames } from "../analysis/measures/names.ts";
import { inThousands, threeDigits } from "../base/format.ts";
import type { LevelRecord, StoredMeasure } from "../store/level_record.ts";

/** The measures of some levels that are one number, in the order of the registry; those that it does not know last. */
export function measuredNames(levels: readonly LevelRecord[]): string[] {
  const found = new Set(levels.flatMap((level) => Object.keys(level.measures ?? {})));
  const known: readonly string[] = measureNames.filter((name) => found.has(name));
  return [...known, ...[...found].filter((name) => !known.includes(name))];
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

/** A measure of some levels as text: a cell for each level. */
export interface MeasureColumn {
  readonly name: string;
  /** `within` or `between`, of a measure for every two tasks. */
  readonly part?: string;
  readonly cells: readonly string[];
}

/** The measures of some levels; one for every two tasks as the mean within tasks and the mean between two, where there are such. */
export function measureColumns(levels: readonly LevelRecord[]): MeasureColumn[] {
  return measuredNames(levels).flatMap((name) => {
    const values = levels.map((level) => level.measures?.[name] ?? null);
    if (!values.some((value) => Array.isArray(value))) return [{ name, cells: values.map(cellOf) }];
    const means = values.map((value) =>
      typeof value === "object" && value !== null ? withinAndBetween(value) : { within: null, between: null },
    );
    return (["within", "between"] as const)
      .filter((part) => means.some((mean) => mean[part] !== null))
      .map((part) => ({ name, part, cells: means.map((mean) => cellOf(mean[part])) }));
  });
}

function cellOf(value: StoredMeasure): string {
  if (typeof value !== "number") return "-";
  return Number.isInteger(value) ? inThousands(value) : threeDigits(value);
}
