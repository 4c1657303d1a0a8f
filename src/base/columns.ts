import { invariant } from "./errors.ts";

/** A contiguous range of columns: `start`, `start + 1`, .., `start + count - 1`. */
export interface ColumnRange {
  readonly start: number;
  readonly count: number;
}

/**
 * A set of columns of a table, or of neurons of a network's first or last layer, counted from 0: a range, or a list in
 * ascending order without repetitions. Equal sets are equal values, since {@link columnSet} makes a range of every set
 * that is contiguous.
 */
export type Columns = ColumnRange | readonly number[];

/** True for a contiguous set. */
export function isRange(columns: Columns): columns is ColumnRange {
  return !Array.isArray(columns);
}

/** The set of some columns, in any order; a repeated column counts once. */
export function columnSet(columns: Iterable<number>): Columns {
  const list = [...new Set(columns)].sort((a, b) => a - b);
  invariant(list.length > 0, "a set of no columns");
  const [start] = list;
  return list[list.length - 1] - start === list.length - 1 ? { start, count: list.length } : list;
}

/** Number of columns in the set. */
export function columnCount(columns: Columns): number {
  return isRange(columns) ? columns.count : columns.length;
}

/** The columns of the set, ascending. */
export function columnList(columns: Columns): readonly number[] {
  return isRange(columns) ? Array.from({ length: columns.count }, (_, i) => columns.start + i) : columns;
}

/** True when `column` is in the set. */
export function hasColumn(columns: Columns, column: number): boolean {
  return isRange(columns)
    ? column >= columns.start && column < columns.start + columns.count
    : columns.includes(column);
}

/** `0..2+5`: ranges and single columns, joined by `+`. */
export function formatColumns(columns: Columns): string {
  const list = columnList(columns);
  const runs: string[] = [];
  let first = 0;
  for (let i = 1; i <= list.length; i++) {
    if (i < list.length && list[i] === list[i - 1] + 1) continue;
    runs.push(i - first === 1 ? `${list[first]}` : `${list[first]}..${list[i - 1]}`);
    first = i;
  }
  return runs.join("+");
}
