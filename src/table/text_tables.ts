import Papa from "papaparse";
import { csvText } from "../base/visible.ts";
import type { Column } from "./columns.ts";
import type { CellValue, Row } from "./flatten.ts";

/** Rows written in one piece. */
const rowsAtOnce = 1000;

/** Rows in groups of at most `size`, so that a table is never held as a whole. */
export async function* inGroups(rows: AsyncIterable<Row> | Iterable<Row>, size: number): AsyncGenerator<Row[]> {
  let group: Row[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The JSON text of a column's value. */
export function jsonCell(value: CellValue): string {
  return JSON.stringify(value);
}

/**
 * A table as CSV (RFC 4180, with line feeds): a header, then a line for each row; lists are JSON, empty cells are empty. A
 * text that a spreadsheet would take for a formula, which a name from outside may be, has an apostrophe before it.
 */
export async function* csvTable(
  columns: readonly Column[],
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<string> {
  const lines = (cells: unknown[][]) => `${Papa.unparse(cells, { newline: "\n" })}\n`;
  yield lines([columns.map(({ name }) => csvText(name))]);
  for await (const group of inGroups(rows, rowsAtOnce)) {
    yield lines(group.map((row) => columns.map(({ name, type }) => csvCell(row.get(name), type))));
  }
}

function csvCell(value: CellValue, { kind }: Column["type"]): CellValue {
  if (value !== undefined && (typeof value === "object" || kind === "json")) return jsonCell(value);
  return typeof value === "string" ? csvText(value) : value;
}

/** A table as JSON Lines: an object for each row with every column; empty cells are null, as are numbers that JSON lacks. */
export async function* jsonLinesTable(
  columns: readonly Column[],
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<string> {
  for await (const group of inGroups(rows, rowsAtOnce)) {
    yield group
      .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row.get(name) ?? null])))}\n`)
      .join("");
  }
}
