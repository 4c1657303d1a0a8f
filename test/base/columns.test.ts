import { expect, test } from "vitest";
import { columnCount, columnList, columnSet, formatColumns, hasColumn, isRange } from "../../src/base/columns.ts";

test.each([
  [[3], { start: 3, count: 1 }, "3"],
  [[2, 1, 0, 1], { start: 0, count: 3 }, "0..2"],
  [[4, 0, 1, 7, 6], [0, 1, 4, 6, 7], "0..1+4+6..7"],
])("the set of %j is %j, written %s", (given, set, text) => {
  const columns = columnSet(given);
  const sorted = [...new Set(given)].sort((a, b) => a - b);
  expect(columns).toEqual(set);
  expect(isRange(columns)).toBe(!Array.isArray(set));
  expect(columnCount(columns)).toBe(sorted.length);
  expect(columnList(columns)).toEqual(sorted);
  expect(Array.from({ length: 10 }, (_, i) => i).filter((i) => hasColumn(columns, i))).toEqual(sorted);
  expect(formatColumns(columns)).toBe(text);
});
