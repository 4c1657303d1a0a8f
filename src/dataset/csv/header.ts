import { shown } from "../../base/visible.ts";
import { numberIn, truthIn } from "./decimal.ts";
import type { HeadRecord } from "./head_records.ts";

/** Whether the first row holds names: as it looks, or as the user says. */
export type HeaderChoice = "auto" | "yes" | "no";

/** Names of the columns, and where they are from. */
export interface HeaderDecision {
  /** Undefined without a header. */
  readonly names: readonly string[] | undefined;
  /** Whether the first row is the header. */
  readonly takesRow: boolean;
  readonly notes: readonly string[];
}

/**
 * Decides whether the first row is a header. It is one if none of its cells is a number, true or false; or if it has
 * texts and ascending numbers or integers, and a text stands above numbers, or integers above decimals and each text above
 * others than itself. A row of numbers is one if it looks like the names of an array's columns or of years: ascending
 * integers from 0 above columns that are written with decimals.
 * @param first cells of the first row
 * @param below the following rows
 * @param commented names from the comment line before the first row, as `numpy.savetxt(header=)` writes
 */
export function decideHeader(
  first: readonly string[],
  below: readonly HeadRecord[],
  decimalMark: string,
  choice: HeaderChoice,
  commented: readonly string[] | undefined,
): HeaderDecision {
  const none: HeaderDecision = { names: undefined, takesRow: false, notes: [] };
  const row: HeaderDecision = { names: first, takesRow: true, notes: [] };
  if (choice !== "auto") return choice === "yes" ? row : none;
  const isNumber = (cell: string) => !Number.isNaN(numberIn(cell, decimalMark));
  if (commented && commented.length === first.length && first.some(isNumber)) {
    return { ...none, names: commented, notes: [`columns are named by the comment line: ${few(commented)}`] };
  }
  const written = first.filter((cell) => cell !== "");
  const asHeader = {
    ...row,
    notes: [`row 1 (${few(first)}) is taken as a header; header=no reads it as a sample`],
  };
  const asSample = {
    ...none,
    notes: [`row 1 (${few(first)}) is taken as a sample; header=yes reads it as names`],
  };
  if (!written.some(isNumber)) return written.some((cell) => truthIn(cell) !== undefined) ? asSample : row;
  /** Share of the cells below the first row for which something holds. */
  const share = (column: number, holds: (cell: string) => boolean) => {
    const cells = below.flatMap(({ cells }) => (cells[column] ? [cells[column]] : []));
    return cells.length === 0 ? 0 : cells.filter(holds).length / cells.length;
  };
  const isDecimal = (cell: string) => /[.,e]/i.test(cell) && isNumber(cell);
  const integers = written.every((cell) => !isNumber(cell) || /^\d+(\.0*)?$/.test(cell));
  if (!written.every(isNumber)) {
    const columns = first.flatMap((cell, column) => (cell !== "" && !isMissing(cell) ? [{ cell, column }] : []));
    const texts = columns.filter(({ cell }) => !isNumber(cell));
    const numbers = columns.filter(({ cell }) => isNumber(cell));
    if (new Set(first).size < first.length || !texts.every(({ cell }) => isName(cell))) return none;
    if (texts.some(({ column }) => share(column, isNumber) >= 0.9)) {
      const values = numbers.map(({ cell }) => numberIn(cell, decimalMark));
      // Such as wavelengths.
      const isScale = values.length >= 3 && values.every((value, i) => i === 0 || value > values[i - 1]);
      return integers || isScale ? asHeader : asSample;
    }
    const isNowhereBelow = texts.every(({ cell, column }) => share(column, (other) => other === cell) === 0);
    if (!integers || !isNowhereBelow || below.length === 0) return none;
    const areNames = numbers.length >= 2 && numbers.every(({ column }) => share(column, isDecimal) >= 0.9);
    return areNames ? asHeader : asSample;
  }
  // An index as pandas writes it has no name.
  const own = first.slice(first[0] === "" ? 1 : 0);
  const values = own.map((cell) => numberIn(cell, decimalMark));
  if (first.length < 2 || own.length === 0 || !integers || below.length === 0) return none;
  const shift = first.length - own.length;
  const real = own.filter((_, i) => share(i + shift, isDecimal) >= 0.9).length;
  const ascends = values.every((value, i) => i === 0 || value > values[i - 1]);
  // The columns of an array in another order.
  if (!ascends) return new Set(values).size === own.length && real >= Math.max(2, own.length - 1) ? asSample : none;
  const counts = values[0] <= 1 && values.every((value, i) => value === values[0] + i);
  // A narrow row of integers may as well be a sample.
  const isHeader = counts
    ? shift > 0 || own.length >= 5 || real >= Math.max(2, own.length / 2)
    : real >= Math.max(2, own.length - 1);
  return isHeader ? asHeader : asSample;
}

/** False for texts that programs write as values. */
function isName(text: string): boolean {
  return truthIn(text) === undefined && !/^([+-]?inf(inity)?|none|[-.])$/i.test(text);
}

/** True for a text that stands for no value in the files of common programs. */
export function isMissing(text: string): boolean {
  return /^(|\?|\.|n\/?a|#n\/a|<na>|[+-]?nan|nat|null)$/i.test(text);
}

/** The first of some texts, in one line. */
function few(texts: readonly string[]): string {
  const first = texts.slice(0, 5).map((text) => (text === "" ? '""' : shown(text)));
  return texts.length > 5 ? `${first.join(", ")}, .. ${shown(texts.at(-1) ?? "")}` : first.join(", ");
}
