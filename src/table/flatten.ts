import { InputError } from "../base/errors.ts";

/** The value of a cell: a number, text or truth value, or a list of these or of lists; undefined for an empty cell. */
export type CellValue = number | string | boolean | readonly unknown[] | undefined;

/** The cells of a row by the names of their columns, in the order of the columns. */
export type Row = ReadonlyMap<string, CellValue>;

/**
 * The fields of a JSON object as cells: a field within a field is named by both with a dot between
 * (`weights.active`); lists are cells; null is an empty cell.
 * @param prefix stands before every name, its dot included
 * @throws InputError when two fields would have the same name
 */
export function flatten(record: Readonly<Record<string, unknown>>, prefix = ""): [string, CellValue][] {
  const cells = new Map<string, CellValue>();
  const visit = (fields: Readonly<Record<string, unknown>>, before: string) => {
    for (const [field, value] of Object.entries(fields)) {
      const name = before + field;
      if (isRecord(value)) {
        visit(value, `${name}.`);
        continue;
      }
      if (cells.has(name))
        throw new InputError(`two fields of a record are named ${name}; rename the task of that name`);
      cells.set(name, value === null ? undefined : (value as CellValue));
    }
  };
  visit(record, prefix);
  return [...cells];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
