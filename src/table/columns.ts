import type { CellValue, Row } from "./flatten.ts";

/** The types of scalar cells: `int32` and `int64` hold integers, `double` any number. */
export type ScalarType = "int32" | "int64" | "double" | "boolean" | "string";

/** The type of a column's cells. */
export type ColumnType =
  | { readonly kind: ScalarType }
  /** Lists of `depth` levels (2: a matrix) whose elements have one scalar type. */
  | { readonly kind: "list"; readonly depth: number; readonly of: ScalarType }
  /** Values of several types, as JSON text. */
  | { readonly kind: "json" };

/** A column of a table; every column may have empty cells. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Columns with this start are left out where all rows have the same value. */
export const variedPrefix = "spec.";

/** A type so far: of lists that have all been empty the elements are not known. */
type FoundType = ColumnType | { readonly kind: "list"; readonly depth: number; readonly of: undefined };

/** What the cells of one column have been so far. */
interface Seen {
  type: FoundType | undefined;
  /** Rows that have a cell. */
  rows: number;
  /** The JSON text of the first cell, for columns of {@link variedPrefix}. */
  readonly first: string;
  varies: boolean;
}

/**
 * Finds the columns of a table from its rows, one by one, so that no row must be kept. A column that only some rows have
 * stands after the one before it in such a row.
 */
export class TableColumns {
  readonly #knownType: (name: string) => ColumnType | undefined;
  readonly #names: string[] = [];
  readonly #seen = new Map<string, Seen>();
  #rows = 0;

  /**
   * @param knownType the type of a column by its name where it is known before its cells, so that equal columns of two
   * tables have one type; cells that do not fit widen it
   */
  constructor(knownType: (name: string) => ColumnType | undefined = () => undefined) {
    this.#knownType = knownType;
  }

  /** Takes the cells of one more row into account. */
  add(row: Row): void {
    this.#rows++;
    let before = -1;
    for (const [name, value] of row) {
      let seen = this.#seen.get(name);
      const isVaried = name.startsWith(variedPrefix);
      const text = isVaried ? JSON.stringify(value ?? null) : "";
      if (!seen) {
        seen = { type: this.#knownType(name), rows: 0, first: text, varies: false };
        this.#seen.set(name, seen);
        this.#names.splice(before + 1, 0, name);
        before++;
      } else {
        // Rows of a run have the same columns, which follow each other: a search is rare.
        before = this.#names[before + 1] === name ? before + 1 : this.#names.indexOf(name);
      }
      seen.rows++;
      if (isVaried && text !== seen.first) seen.varies = true;
      seen.type = joined(seen.type, typeOf(value));
    }
  }

  /**
   * The columns of all rows so far. A column without any value is of type string, one of empty lists alone holds lists of
   * numbers, unless their type is known.
   */
  columns(): Column[] {
    return this.#names.flatMap((name) => {
      const { type = { kind: "string" }, varies, rows } = this.#seen.get(name) as Seen;
      if (name.startsWith(variedPrefix) && !varies && rows === this.#rows) return [];
      return [{ name, type: type.kind === "list" ? { ...type, of: type.of ?? "double" } : type }];
    });
  }
}

/** The type of a value; undefined for an empty cell, which fits any type. */
function typeOf(value: CellValue): FoundType | undefined {
  switch (typeof value) {
    case "undefined":
      return undefined;
    case "number":
      return { kind: numberType(value) };
    case "string":
    case "boolean":
      return { kind: typeof value as ScalarType };
    default:
      return listType(value as readonly unknown[]);
  }
}

/** -0 and integers beyond 2^53, which only a double holds as they are, are doubles. */
function numberType(value: number): ScalarType {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return "double";
  return value === (value | 0) ? "int32" : "int64";
}

function listType(list: readonly unknown[]): FoundType {
  let element: FoundType | undefined;
  for (const value of list) {
    if (value === null) continue;
    if (typeof value === "object" && !Array.isArray(value)) return { kind: "json" };
    element = joined(element, typeOf(value as CellValue));
  }
  if (!element) return { kind: "list", depth: 1, of: undefined };
  if (element.kind === "json") return element;
  if (element.kind === "list") return { ...element, depth: element.depth + 1 };
  // Numbers of a list are of one type whatever their values, since shares of 0 and 1 are common.
  const of = element.kind === "int32" || element.kind === "int64" ? "double" : element.kind;
  return { kind: "list", depth: 1, of };
}

/** The narrowest type that holds the values of both. */
function joined(a: FoundType | undefined, b: FoundType | undefined): FoundType | undefined {
  if (!a || !b) return a ?? b;
  if (a.kind === "list" && b.kind === "list") {
    // Elements that are not known fit any that lie at least as deep.
    if (a.of === undefined && a.depth <= b.depth) return b;
    if (b.of === undefined && b.depth <= a.depth) return a;
    return a.depth === b.depth && a.of === b.of ? a : { kind: "json" };
  }
  if (a.kind === b.kind) return a;
  const numbers = ["int32", "int64", "double"];
  const wider = Math.max(numbers.indexOf(a.kind), numbers.indexOf(b.kind));
  if (numbers.includes(a.kind) && numbers.includes(b.kind)) return { kind: numbers[wider] as ScalarType };
  return { kind: "json" };
}
