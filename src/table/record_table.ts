import { type Column, TableColumns } from "./columns.ts";
import { flatten, type Row } from "./flatten.ts";

/** Records as a table, a row each; fields within fields are named with a dot. */
export function recordTable(records: readonly object[]): {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
} {
  const rows = records.map((record): Row => new Map(flatten({ ...record })));
  const columns = new TableColumns(() => undefined);
  for (const row of rows) columns.add(row);
  return { columns: columns.columns(), rows };
}
