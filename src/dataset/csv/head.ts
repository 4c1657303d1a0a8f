import { InputError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import { shown } from "../../base/visible.ts";
import { type Dialect, describeDialect, findDelimiter, hasDecimalComma } from "./dialect.ts";
import { type HeadRecord, headRecords, mostColumns } from "./head_records.ts";
import { decideHeader, type HeaderChoice } from "./header.ts";
import { invalidByte, notUtf8 } from "./utf8.ts";

/** What the first part of a CSV file tells about it. */
export interface Head {
  readonly dialect: Dialect;
  /** Names of the columns, "" for a column without one; undefined without a header. */
  readonly names: readonly string[] | undefined;
  /** Number of columns. */
  readonly width: number;
  /** Bytes and line ends before the first record that is no header. */
  readonly skip: { readonly bytes: number; readonly lines: number };
  /** Mean length of a record; 0 if there is none, or if more bytes are needed to judge. */
  readonly recordBytes: number;
  /** What was understood, one line each. */
  readonly notes: readonly string[];
}

const mostRecords = 200;
/** Records that are waited for, and bytes after which they are not. */
const fewRecords = 20;
const manyBytes = 2 ** 24;

/** Files that hold a table packed, by their first bytes. */
const packedFormats = [
  { magic: [0x1f, 0x8b], what: "compressed by gzip", remedy: "unpack it first, such as with gunzip" },
  { magic: [0x42, 0x5a, 0x68], what: "compressed by bzip2", remedy: "unpack it first, such as with bunzip2" },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: "compressed by zstd", remedy: "unpack it first, such as with unzstd" },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: "compressed by xz", remedy: "unpack it first, such as with unxz" },
  {
    magic: [0x50, 0x4b, 3, 4],
    what: "a zip file or a workbook such as .xlsx",
    remedy: "unpack it first, or save the sheet as CSV in UTF-8",
  },
  { magic: [0x50, 0x41, 0x52, 0x31], what: "a Parquet file", remedy: "write it as CSV, such as with DataFrame.to_csv" },
];

/**
 * Finds delimiter, decimal mark, header and width of a CSV file.
 * @param bytes the first part of the file, UTF-8
 * @param isWhole whether the file ends with them
 * @param where names the file in messages
 * @throws InputError when the bytes are no text in UTF-8
 */
export function readHead(bytes: Uint8Array, isWhole: boolean, header: HeaderChoice, where: string): Head {
  const packed = packedFormats.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
  if (packed && bytes.includes(0))
    throw new InputError(`${where}: is ${packed.what}, not a CSV file; ${packed.remedy}`);
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new InputError(
      `${where}: byte ${zero} is 0, which no text in UTF-8 has; save the file as CSV in UTF-8 (UTF-16 is read where it begins with a byte order mark)`,
    );
  }
  // One character a byte, so that positions are positions in the file.
  const text = binaryText(bytes);
  const notes: string[] = [];
  let start = text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
  let lines = 0;
  const given = /^"?sep=(.)"?[ \t]*(\r\n|\r|\n|$)/i.exec(text.slice(start, start + 20));
  if (given) {
    start += given[0].length;
    lines++;
  }
  const before = linesBefore(text, start);
  const hasComments = before.comment !== undefined;
  start = before.end;
  lines += before.lines;

  const read = (delimiter: string) => headRecords(text, start, { delimiter, hasComments }, isWhole, mostRecords);
  const { delimiter, others } = given ? { delimiter: given[1], others: [] } : findDelimiter(read);
  const records = read(delimiter);
  if (records.some(({ cells }) => cells.length > mostColumns)) {
    throw new InputError(`${where}: a row has more than ${mostColumns} cells; is it the right file?`);
  }
  const decimalMark = hasDecimalComma(delimiter, records) ? "," : ".";
  const dialect: Dialect = { delimiter, decimalMark, hasComments };
  if (delimiter !== "," || decimalMark === "," || others.length > 0)
    notes.push(`${where}: ${describeDialect(dialect, others)}`);

  const commented =
    before.comment === undefined
      ? undefined
      : headRecords(before.comment, 0, { delimiter, hasComments: false }, true, 1)[0]?.cells;
  const firstRow = records[0] && asTexts(records[0].cells);
  if (records[0]) checkUtf8(bytes, records[0], lines, where);
  const decision = decideHeader(
    firstRow ?? [],
    records.slice(1),
    decimalMark,
    header,
    commented ? asTexts(commented) : undefined,
  );
  notes.push(...decision.notes.map((note) => `${where}: ${note}`));
  const taken = decision.takesRow ? records[0] : undefined;
  const body = taken ? records.slice(1) : records;
  const { names, width, note } = fitted(decision.names, widthOf(body), `${where}: row ${lines + 1}`);
  if (note !== undefined) notes.push(`${where}: ${note}`);
  const thousands = decimalMark === "." && delimiter !== "," ? likeThousands(body, width) : undefined;
  if (thousands !== undefined) {
    notes.push(
      `${where}: "${shown(thousands)}" is read as a decimal fraction; if it is a number of thousands, write it without the point`,
    );
  }
  const skip = { bytes: taken?.end ?? start, lines: lines + (taken?.lines ?? 0) };
  const last = body.at(-1);
  const isEnough = isWhole || records.length >= fewRecords || (body.length > 0 && bytes.length >= manyBytes);
  return {
    dialect,
    names,
    width,
    skip,
    recordBytes: last && isEnough ? (last.end - skip.bytes) / body.length : 0,
    notes,
  };
}

/** The blank lines and comments before the first record: where they end, their number, and the last comment. */
function linesBefore(text: string, start: number): { end: number; lines: number; comment: string | undefined } {
  let [end, lines] = [start, 0];
  let comment: string | undefined;
  for (;;) {
    let at = end;
    while (text[at] === " " || text[at] === "\t") at++;
    const first = at;
    if (text[at] === "#") while (at < text.length && text[at] !== "\r" && text[at] !== "\n") at++;
    if (text[at] !== "\r" && text[at] !== "\n") return { end, lines, comment };
    if (at > first) comment = text.slice(first + 1, at);
    end = at + (text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1);
    lines++;
  }
}

/** Number of columns of most records, without those at the end in which no record has a value. */
function widthOf(records: readonly HeadRecord[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [usual] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0]);
  return Math.max(
    0,
    ...records.filter(({ cells }) => cells.length === usual).map(({ cells }) => withoutEmptyEnd(cells).length),
  );
}

/** Names for all columns. R leaves out the name of the row names, so that the header is one cell shorter. */
function fitted(header: readonly string[] | undefined, width: number, row: string) {
  if (!header) return { names: header, width };
  const written = withoutEmptyEnd(header);
  // Trailing delimiters of a header are names where the rows have values below them.
  const names = written.length < width && header.length >= width ? header.slice(0, width) : written;
  if (names.length === width - 1) {
    const note = "rows have one cell more than the header: the first is taken as the name of the row";
    return { names: ["", ...names], width, note };
  }
  if (names.length < width) {
    throw new InputError(
      `${row}: ${plural(names.length, "cell")} in the header, the rows below have ${width}; name every column, or drop the lines before the header`,
    );
  }
  return { names, width: names.length };
}

/**
 * A cell such as 1.234 of a column in which all others are integers below 1,000 or written with three decimals too, as
 * thousands are in half of Europe; decimal fractions would have other numbers of digits, or decimals everywhere.
 */
function likeThousands(records: readonly HeadRecord[], width: number): string | undefined {
  for (let column = 0; column < width; column++) {
    const cells = records.flatMap(({ cells }) => (cells[column] ? [cells[column]] : []));
    const large = cells.filter((cell) => /^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(cell));
    const small = cells.filter((cell) => /^[+-]?\d{1,3}$/.test(cell));
    if (large.length > 0 && small.length > 0 && large.length + small.length === cells.length) return large[0];
  }
  return undefined;
}

/** Trailing delimiters are no cells. */
function withoutEmptyEnd(cells: readonly string[]): readonly string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== "") + 1);
}

function binaryText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    // As a list of arguments, since spreading takes five times as long.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 32768) as unknown as number[]);
  }
  return text;
}

/** Texts in UTF-8 from one character a byte. */
function asTexts(cells: readonly string[]): string[] {
  return cells.map((cell) => {
    // A list of the characters, from which the bytes could be made at once, takes 30 times the memory.
    const bytes = new Uint8Array(cell.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = cell.charCodeAt(i);
    return new TextDecoder().decode(bytes).trim();
  });
}

function checkUtf8(bytes: Uint8Array, { start, end }: HeadRecord, lines: number, where: string): void {
  const bad = start + invalidByte(bytes.subarray(start, end));
  if (bad < end) throw notUtf8(bytes[bad], bad, lines + 1, where);
}
