import { numberIn } from "./decimal.ts";
import type { HeadRecord } from "./head_records.ts";

/** How the cells of a CSV file are separated and written. */
export interface Dialect {
  /** A character, or a space for cells between runs of spaces and tabs. */
  readonly delimiter: string;
  readonly decimalMark: "." | ",";
  /** Lines that start with `#` are no records: the file starts with one. */
  readonly hasComments: boolean;
}

const delimiterNames: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  " ": "spaces",
};

/** What was found, for people; `others` are the delimiters that fit as well. */
export function describeDialect({ delimiter, decimalMark }: Dialect, others: readonly string[]): string {
  const name = (one: string) => delimiterNames[one] ?? `"${one}"`;
  const mark = decimalMark === "," ? ", decimal commas" : "";
  const rest =
    others.length > 0
      ? ` (${others.map(name).join(" and ")} would fit as well: a first line such as sep=; decides)`
      : "";
  return `cells are separated by ${name(delimiter)}${mark}${rest}`;
}

/** How well a delimiter fits: more is better, the first number that differs decides. */
type Fit = readonly [isConsistent: number, numbers: number, cells: number];

/**
 * The delimiter that cuts the records, outside quotes, into the same number of cells each, two or more; of several, the
 * one that leaves more cells that are numbers, then the one with more cells.
 * @param read cuts the first records by a delimiter
 * @returns the delimiter, and those that fit equally well
 */
export function findDelimiter(read: (delimiter: string) => readonly HeadRecord[]): {
  readonly delimiter: string;
  readonly others: readonly string[];
} {
  const candidates = Object.keys(delimiterNames).flatMap((delimiter) => {
    const fit = fitOf(delimiter, read(delimiter));
    return fit ? [{ delimiter, fit }] : [];
  });
  if (candidates.length === 0) return { delimiter: ",", others: [] };
  const compare = (a: Fit, b: Fit) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2];
  candidates.sort((a, b) => compare(a.fit, b.fit));
  const [{ delimiter, fit }, ...rest] = candidates;
  // Runs of blanks have tabs among them: where tabs fit, they fit too.
  const others = rest.filter(
    (other) => compare(other.fit, fit) === 0 && !(delimiter === "\t" && other.delimiter === " "),
  );
  return { delimiter, others: others.map((other) => other.delimiter) };
}

function fitOf(delimiter: string, records: readonly HeadRecord[]): Fit | undefined {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [cells, alike] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0]);
  if (cells < 2) return undefined;
  const { point, comma, all } = countNumbers(delimiter, records);
  return [alike >= 0.95 * records.length ? 1 : 0, all === 0 ? 0 : Math.max(point, comma) / all, cells];
}

/** True when more cells are numbers with a decimal comma than with a decimal point. */
export function hasDecimalComma(delimiter: string, records: readonly HeadRecord[]): boolean {
  const { point, comma } = countNumbers(delimiter, records);
  return comma > point;
}

/** How many cells that are not empty are numbers, read with either decimal mark; the first record may be a header. */
function countNumbers(delimiter: string, records: readonly HeadRecord[]) {
  let [point, comma, all] = [0, 0, 0];
  for (const { cells } of records.length > 1 ? records.slice(1) : records) {
    for (const cell of cells) {
      if (cell === "") continue;
      all++;
      if (!Number.isNaN(numberIn(cell, "."))) {
        point++;
        // An integer is one either way; "1.5" is none with a decimal comma.
        if (!cell.includes(".")) comma++;
      } else if (delimiter !== "," && /^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(cell)) comma++;
    }
  }
  return { point, comma, all };
}
