import { releasableNumbers } from "../../base/buffers.ts";
import { InputError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import { shown } from "../../base/visible.ts";
import { decimalNumber, numberIn, truthIn } from "./decimal.ts";
import type { Dialect } from "./dialect.ts";
import { invalidByte, notUtf8 } from "./utf8.ts";
import { larger } from "./values.ts";

/** What becomes of a column's cells: they are skipped, read as numbers, or read as numbers or texts. */
export const roles = { skipped: 0, number: 1, value: 2 } as const;
export type Role = (typeof roles)[keyof typeof roles];

/** Receives what a {@link RecordReader} does not keep itself. Rows count from 1 by their line ends, a header is one. */
export interface RecordSink {
  /** A cell of a column of numbers that holds none; throws, or returns to read on with NaN. */
  notNumber(column: number, text: string, row: number): void;
  /** `True` or `False` in a column of numbers, read as 1 or 0. */
  truth(column: number): void;
  /** A number in a column of values. */
  value(column: number, record: number, value: number): void;
  /** A text in a column of values. */
  text(column: number, record: number, text: string, row: number): void;
  /** A record of delimiters only, which is left out. */
  ghost(row: number): void;
  /** A whole record, counted from 0, has been read. */
  record(record: number, row: number): void;
}

const [lineFeed, carriageReturn, tab, space, quote, hash] = [10, 13, 9, 32, 34, 35];
/** Longest record, so that a quote that is never closed does not take the whole file into memory. */
const mostRecordBytes = 2 ** 26;

/**
 * Takes the records of a CSV file from pieces of its bytes, by RFC 4180 and what is found beside it: lines end with LF,
 * CR LF or CR, in any mixture; cells may be quoted, hold line ends in quotes, and be padded with spaces; empty lines
 * are left out. Plain numbers are read from the bytes, without a string.
 */
export class RecordReader {
  /** Numbers of the columns with the role `number`, `[record][such column]`; {@link records} says how many are valid. */
  numbers: Float64Array;
  /** Number of records read. */
  records = 0;
  /** For a column of values, the first number that is written in another way than its value is, such as 01 or 1.0. */
  readonly rewritten = new Map<number, string>();
  readonly #numberColumns: number;
  readonly #delimiter: number;
  /** Cells are separated by runs of spaces and tabs. */
  readonly #isBlank: boolean;
  readonly #mark: number;
  readonly #decimalMark: string;
  readonly #hasComments: boolean;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** Number of line ends passed. */
  #lines: number;
  #bytes = new Uint8Array(0);
  /** Position in the file of the first byte of `#bytes`. */
  #offset: number;
  /** What {@link #cell} found: content, and line ends within it. */
  #content = "";
  #innerLines = 0;
  /** Cells without a number of the record that is being read, told when it is whole: it may be read again. */
  readonly #withoutNumber: { readonly column: number; readonly text: string }[] = [];

  /**
   * @param columns role of each column
   * @param skip number of bytes before the first record, and of line ends in them
   * @param expected number of records to make room for; more are possible
   * @param where names the file in messages
   */
  constructor(
    dialect: Dialect,
    readonly columns: readonly Role[],
    readonly sink: RecordSink,
    skip: { readonly bytes: number; readonly lines: number },
    expected: number,
    readonly where: string,
  ) {
    this.#isBlank = dialect.delimiter === " ";
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#decimalMark = dialect.decimalMark;
    this.#mark = dialect.decimalMark.charCodeAt(0);
    this.#hasComments = dialect.hasComments;
    this.#offset = skip.bytes;
    this.#lines = skip.lines;
    this.#numberColumns = columns.filter((role) => role === roles.number).length;
    this.numbers = releasableNumbers(Math.max(1, expected) * this.#numberColumns);
  }

  /**
   * Takes the records that end within the bytes.
   * @param bytes what the last call left, then new bytes, then one byte that may be written
   * @param end number of bytes without the last
   * @param isLast whether the file ends with them
   * @returns number of bytes taken; the others belong before the next ones
   */
  take(bytes: Uint8Array<ArrayBuffer>, end: number, isLast: boolean): number {
    this.#bytes = bytes;
    let limit = end;
    if (!isLast && end > 0) {
      while (limit > 0 && bytes[limit - 1] !== lineFeed) limit--;
      // Lines that end with CR alone. A CR at the very end may be half of CR LF.
      if (limit === 0) {
        limit = end - 1;
        while (limit > 0 && bytes[limit - 1] !== carriageReturn) limit--;
      }
    }
    // The fast loops need no bound: they stop at a line end.
    const saved = bytes[limit];
    bytes[limit] = lineFeed;
    let at = 0;
    while (at < limit) {
      const next = this.#record(at, limit, isLast);
      if (next < 0) break;
      at = Math.min(next, limit);
    }
    bytes[limit] = saved;
    if (end - at > mostRecordBytes) {
      throw new InputError(
        `${this.where}: the record at row ${this.#lines + 1} is longer than ${mostRecordBytes} bytes; mend its quotes, or break the lines`,
      );
    }
    this.#offset += at;
    return at;
  }

  /** Reads the record at `start`; returns the start of the next, or -1 if it does not end within the bytes. */
  #record(start: number, limit: number, isLast: boolean): number {
    const bytes = this.#bytes;
    const first = bytes[start];
    if (first === lineFeed || first === carriageReturn) return this.#endLine(start);
    if (first === hash && this.#hasComments) return this.#endLine(lineEnd(bytes, start));
    if (first === this.#delimiter || first === space || first === tab) {
      const end = this.#emptyTo(start);
      if (end >= 0) {
        if (first === this.#delimiter && !this.#isBlank) this.sink.ghost(this.#lines + 1);
        return this.#endLine(end);
      }
    }
    const { columns, sink } = this;
    const row = this.#lines + 1;
    let out = this.records * this.#numberColumns;
    if (out + this.#numberColumns > this.numbers.length) this.numbers = larger(this.numbers, this.#numberColumns);
    const { numbers } = this;
    const last = columns.length - 1;
    const [delimiter, mark, isBlank] = [this.#delimiter, this.#mark, this.#isBlank];
    let inner = 0;
    let at = start;
    this.#withoutNumber.length = 0;
    for (let column = 0; column <= last; column++) {
      const role = columns[column];
      let end = -1;
      if (role !== roles.skipped) {
        // The fast way: a plain number, with spaces around it.
        let p = at;
        let byte = bytes[p];
        while (byte === space || (byte === tab && delimiter !== tab)) byte = bytes[++p];
        const isNegative = byte === 45;
        if (isNegative || byte === 43) byte = bytes[++p];
        let high = 0;
        let low = 0;
        let digits = 0;
        let decimals = 0;
        let isNumber = false;
        let isFraction = false;
        for (; ; byte = bytes[++p]) {
          const digit = byte - 48;
          if (digit >= 0 && digit <= 9) {
            isNumber = true;
            if (digits < 15) high = high * 10 + digit;
            else low = low * 10 + digit;
            if (digits > 0 || digit > 0) digits++;
            if (isFraction) decimals++;
          } else if (byte === mark && !isFraction) isFraction = true;
          else break;
        }
        let exponent = -decimals;
        if (isNumber && (byte === 101 || byte === 69)) {
          byte = bytes[++p];
          const isSmall = byte === 45;
          if (isSmall || byte === 43) byte = bytes[++p];
          isNumber = byte >= 48 && byte <= 57;
          let written = 0;
          for (; byte >= 48 && byte <= 57 && written < 1e6; byte = bytes[++p]) written = written * 10 + byte - 48;
          exponent += isSmall ? -written : written;
        }
        const after = p;
        while (byte === space || (byte === tab && delimiter !== tab)) byte = bytes[++p];
        const ends = byte === lineFeed || byte === carriageReturn || byte === delimiter || (isBlank && p > after);
        if (isNumber && ends && digits <= 19) {
          let value = decimalNumber(high, low, digits > 15 ? digits - 15 : 0, exponent);
          if (Number.isNaN(value)) value = Math.abs(this.#number(at, after));
          if (value < Number.POSITIVE_INFINITY) {
            if (isNegative) value = -value;
            if (role === roles.number) numbers[out++] = value;
            else this.#value(column, value, this.rewritten.has(column) ? "" : this.#text(at, after, row).trim());
            end = p;
          }
        }
      }
      if (end < 0) {
        end = this.#cell(at, limit, isLast, row + inner, role !== roles.skipped);
        if (end < 0) return -1;
        if (role !== roles.skipped) {
          const value = numberIn(this.#content, this.#decimalMark);
          const isNumber = Number.isFinite(value);
          if (role === roles.number) {
            const truth = isNumber ? undefined : truthIn(this.#content);
            numbers[out++] = isNumber ? value : (truth ?? Number.NaN);
            if (truth !== undefined) sink.truth(column);
            else if (!isNumber) this.#withoutNumber.push({ column, text: this.#content });
          } else if (isNumber) this.#value(column, value, this.#content);
          else this.#withoutNumber.push({ column, text: this.#content });
        }
        inner += this.#innerLines;
      }
      const byte = bytes[end];
      const endsRecord = end >= limit || byte === lineFeed || byte === carriageReturn;
      if (endsRecord && column < last) this.#refuseWidth(start, limit, isLast, row);
      at = endsRecord || isBlank ? end : end + 1;
    }
    // Trailing delimiters are no cells.
    const end = this.#emptyTo(at);
    if (end < 0) this.#refuseWidth(start, limit, isLast, row);
    for (const { column, text } of this.#withoutNumber) {
      if (columns[column] === roles.number) sink.notNumber(column, text, row);
      else sink.text(column, this.records, text, row);
    }
    sink.record(this.records, row);
    this.records++;
    this.#lines += inner;
    return this.#endLine(end);
  }

  #value(column: number, value: number, text: string): void {
    if (!this.rewritten.has(column) && text !== String(value)) this.rewritten.set(column, text);
    this.sink.value(column, this.records, value);
  }

  /** The first byte after the line end at `at`. */
  #endLine(at: number): number {
    this.#lines++;
    return this.#bytes[at] === carriageReturn && this.#bytes[at + 1] === lineFeed ? at + 2 : at + 1;
  }

  /** The end of the line if nothing but delimiters and blanks comes before it, else -1. */
  #emptyTo(start: number): number {
    for (let at = start; ; at++) {
      const byte = this.#bytes[at];
      if (byte === lineFeed || byte === carriageReturn) return at;
      if (byte !== this.#delimiter && byte !== space && byte !== tab) return -1;
    }
  }

  /** The number between two bytes, whose digits are more than {@link decimalNumber} takes. */
  #number(start: number, end: number): number {
    return numberIn(this.#text(start, end, 0).trim(), this.#decimalMark);
  }

  /**
   * Reads the cell at `start`, of any content; to `#content`, without the blanks around it, if `isWanted`.
   * @returns the delimiter or line end after it; -1 if a quoted cell is not closed within the bytes
   */
  #cell(start: number, limit: number, isLast: boolean, row: number, isWanted: boolean): number {
    const bytes = this.#bytes;
    this.#innerLines = 0;
    let at = start;
    while (bytes[at] === space || (bytes[at] === tab && this.#delimiter !== tab)) at++;
    if (bytes[at] === quote && at < limit) return this.#quoted(at, limit, isLast, row, isWanted);
    const first = at;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === lineFeed || byte === carriageReturn || byte === this.#delimiter) break;
      if (this.#isBlank && byte === tab) break;
    }
    if (isWanted) this.#content = this.#text(first, at, row).trim();
    while (this.#isBlank && (bytes[at] === space || bytes[at] === tab)) at++;
    return at;
  }

  #quoted(open: number, limit: number, isLast: boolean, row: number, isWanted: boolean): number {
    const bytes = this.#bytes;
    let hasQuotes = false;
    let at = open + 1;
    for (; ; at++) {
      if (at >= limit) {
        if (!isLast) return -1;
        throw new InputError(`${this.where}: row ${row}: a quoted cell is not closed; mend the quotes`);
      }
      if (bytes[at] === lineFeed || (bytes[at] === carriageReturn && bytes[at + 1] !== lineFeed)) this.#innerLines++;
      if (bytes[at] !== quote) continue;
      if (bytes[at + 1] !== quote) break;
      hasQuotes = true;
      at++;
    }
    const content = [open + 1, at] as const;
    if (isWanted) {
      const text = this.#text(...content, row);
      this.#content = (hasQuotes ? text.split('""').join('"') : text).trim();
    }
    at++;
    const close = at;
    while (bytes[at] === space || (bytes[at] === tab && this.#delimiter !== tab)) at++;
    const byte = bytes[at];
    if (byte === lineFeed || byte === carriageReturn || byte === this.#delimiter || at >= limit) return at;
    if (this.#isBlank && at > close) return at;
    throw new InputError(
      `${this.where}: row ${row}: "${shown(this.#text(...content, row))}" goes on after its closing quote; mend the quotes, and double a quote within a cell`,
    );
  }

  #text(start: number, end: number, row: number): string {
    // Short ASCII texts, by far the most, need no decoder.
    if (end - start <= 32) {
      let text = "";
      let at = start;
      for (; at < end && this.#bytes[at] < 128; at++) text += String.fromCharCode(this.#bytes[at]);
      if (at === end) return text;
    }
    const part = this.#bytes.subarray(start, end);
    try {
      return this.#decoder.decode(part);
    } catch {
      const bad = invalidByte(part);
      throw notUtf8(part[bad], this.#offset + start + bad, row, this.where);
    }
  }

  #refuseWidth(start: number, limit: number, isLast: boolean, row: number): never {
    let cells = 0;
    let at = start;
    for (;;) {
      const end = this.#cell(at, limit, isLast, row, false);
      cells++;
      const byte = this.#bytes[end];
      if (end < 0 || end >= limit || byte === lineFeed || byte === carriageReturn) break;
      at = this.#isBlank ? end : end + 1;
    }
    throw new InputError(
      `${this.where}: row ${row} has ${plural(cells, "cell")}, the table has ${this.columns.length} columns; fill or drop it`,
    );
  }
}

function lineEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== lineFeed && bytes[at] !== carriageReturn) at++;
  return at;
}
