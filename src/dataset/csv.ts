import Papa from "papaparse";
import { InputError } from "../base/errors.ts";

/** A table of numbers from a CSV file. */
export interface CsvTable {
  readonly rows: number;
  readonly columns: number;
  /** `[row][column]`, finite, as precise as the file. */
  readonly values: Float64Array;
  /** Position of a cell in the file, for messages; rows (a header is one) and columns count from 1. */
  readonly place: (row: number, column: number) => string;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The delimiter with the most occurrences in the first line that is not empty; the comma when none occurs. */
function mostFrequentDelimiter(text: string): string {
  const line = /[^\r\n]+/.exec(text)?.[0] ?? "";
  const counts = [",", ";", "\t", "|"].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/**
 * Reads a CSV file of numbers. The first row is a header when none of its cells is a number; empty lines are skipped;
 * the delimiter (comma, semicolon, tab or bar) is detected.
 * @param bytes UTF-8 text
 * @param where names the file in messages
 * @throws InputError naming row, column and value of a cell that is not a finite f32, a row of another length, or
 * damaged quotes
 */
export function parseCsv(bytes: Uint8Array, where: string): CsvTable {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `${where}: ${bytes.length} bytes are not UTF-8 text (${reason}); save the file as CSV in UTF-8`,
    );
  }
  const lineOfRow: number[] = [];
  let header: string[] | undefined;
  let columns = 0;
  let line = 0;
  let values = new Float64Array(1024);
  let length = 0;

  const place = (lineNumber: number, column: number) => {
    const name = header === undefined ? "" : ` ("${header[column]}")`;
    return `${where}: row ${lineNumber}, column ${column + 1}${name}`;
  };

  /** Adds one record; an exception inside Papa's callback ends the parsing. */
  const takeRow = (cells: string[]) => {
    line++;
    if (cells.length === 1 && cells[0].trim() === "") return;
    const first = columns === 0;
    if (first) columns = cells.length;
    if (cells.length !== columns) {
      throw new InputError(
        `${where}: row ${line} has ${cells.length} cells, the first row has ${columns}; fill or drop it`,
      );
    }
    const numeric = cells.map((cell) => number.test(cell.trim()));
    if (first && !numeric.includes(true)) {
      header = cells.map((cell) => cell.trim());
      return;
    }
    if (length + columns > values.length) {
      const larger = new Float64Array(Math.max(2 * values.length, length + columns));
      larger.set(values);
      values = larger;
    }
    for (let column = 0; column < columns; column++) {
      values[length] = numeric[column] ? Number(cells[column]) : Number.NaN;
      if (!Number.isFinite(values[length])) {
        const advice = first
          ? "write numbers in every cell, or a name in every cell of a header"
          : "write a finite number, such as 0.5";
        throw new InputError(`${place(line, column)}: "${cells[column].trim()}" is not a number; ${advice}`);
      }
      length++;
    }
    lineOfRow.push(line);
  };

  Papa.parse<string[]>(text, {
    delimiter: mostFrequentDelimiter,
    step: ({ data, errors }) => {
      const damage = errors.find(({ type }) => type === "Quotes");
      if (damage) throw new InputError(`${where}: row ${line + 1}: ${damage.message}; mend the quotes`);
      takeRow(data);
    },
  });
  if (lineOfRow.length === 0) {
    throw new InputError(`${where}: 0 rows of numbers, at least 2 are needed; is it the right file?`);
  }
  return {
    rows: lineOfRow.length,
    columns,
    values: values.subarray(0, length),
    place: (row, column) => place(lineOfRow[row], column),
  };
}
