import { release } from "../../base/buffers.ts";
import { InputError } from "../../base/errors.ts";
import { formatBytes, inThousands, plural } from "../../base/format.ts";
import { shown } from "../../base/visible.ts";
import { type ChosenColumns, type FileColumns, isFirst } from "../columns.ts";
import type { Table } from "../table.ts";
import { numberIn } from "./decimal.ts";
import { type Head, readHead } from "./head.ts";
import { type HeaderChoice, isMissing } from "./header.ts";
import { RecordReader, type RecordSink, type Role, roles } from "./records.ts";
import { Values } from "./values.ts";

export interface CsvOptions {
  /** Whether the first row holds names; default auto. */
  readonly header?: HeaderChoice;
  /** Chooses inputs and targets once the columns are known. */
  readonly choose: (columns: FileColumns) => Omit<ChosenColumns, "tasks">;
  /** Size of the file, and main memory of the process; a file that would not fit is refused where both are given. */
  readonly sizeBytes?: number;
  readonly memoryBytes?: number;
  /** Names the file in messages. */
  readonly where: string;
}

/** Bytes that are looked at before the columns are known. */
const headBytes = 2 ** 20;
/** Bytes that are looked at in vain at most. */
const mostHeadBytes = 2 ** 26;
/** Bytes of the file that are added to the buffer at once. */
const pieceBytes = 2 ** 20;
/** Main memory of a cell: float64 as read, f32 as learnt. */
const cellBytes = 12;
/** Main memory of a row: its place in two orders while samples are divided, its labels. */
const rowBytes = 16;

/** Reads a CSV file piece by piece. */
export class CsvTable implements RecordSink {
  readonly #options: CsvOptions;
  #buffer = new Uint8Array(headBytes + 1);
  #filled = 0;
  #decoder: TextDecoder | undefined;
  #isFirst = true;
  #head: Head | undefined;
  /** Bytes that must be there before the columns are looked for. */
  #neededBytes = headBytes;
  #chosen: Omit<ChosenColumns, "tasks"> = { inputs: [], targets: [], notes: [] };
  #reader: RecordReader | undefined;
  #values = new Values(0, 0);
  /** Position of each target column among the targets. */
  #slots: readonly number[] = [];
  readonly #missing = new Map<number, { count: number; readonly row: number; readonly text: string }>();
  /** Columns with `True` or `False`. */
  readonly #truths = new Set<number>();
  readonly #ghosts = { count: 0, first: 0 };
  /** Records from which on the row is the record's number plus a new sum. */
  readonly #rowOffsets: { readonly record: number; readonly offset: number }[] = [];

  constructor(options: CsvOptions) {
    this.#options = options;
  }

  /** Takes the next bytes of the file. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += pieceBytes) this.#take(this.#utf8(bytes.subarray(at, at + pieceBytes)));
  }

  /**
   * The table, once all bytes were taken.
   * @throws InputError naming row, column and value of a cell that is no finite number, a row of another length, damaged
   * quotes, bytes that are not UTF-8, or values that are missing
   */
  finish(): { readonly table: Table; readonly notes: readonly string[] } {
    this.#take(this.#utf8(undefined));
    this.#start(true);
    const reader = this.#reader;
    const { where } = this.#options;
    if (reader) this.#read(reader, true);
    const samples = reader?.records ?? 0;
    if (!reader || !this.#head || samples === 0) {
      throw new InputError(`${where}: 0 rows of numbers, at least 2 are needed; is it the right file?`);
    }
    this.#refuseMissing(samples);
    const { inputs, targets } = this.#chosen;
    const features = reader.numbers.subarray(0, samples * inputs.length);
    const { values, texts } = this.#values.finish(samples, (slot) => `${where}: ${this.#column(targets[slot])}`);
    const { names, dialect } = this.#head;
    const table: Table = {
      samples,
      inputs: inputs.length,
      features,
      targetColumns: targets.length,
      targets: values,
      targetTexts: texts,
      targetPlace: (sample, slot) => `${where}: row ${this.#rowOf(sample)}, ${this.#column(targets[slot])}`,
      // Without a name, an input is known by its column, which need not be its place among the inputs.
      ...((names || !isFirst(inputs)) && {
        inputNames: inputs.map((column) => names?.[column] || `column ${column + 1}`),
      }),
      targetNames: targets.map((column) => this.#column(column)),
    };
    const rewritten = targets.flatMap((column, slot) => {
      const text = texts[slot] && reader.rewritten.get(column);
      if (text === undefined) return [];
      return [
        `${where}: ${this.#column(column)}: numbers among its texts count by value, "${shown(text)}" as ${numberIn(text, dialect.decimalMark)}`,
      ];
    });
    const found = this.#findings(features, samples);
    return { table, notes: [...this.#head.notes, ...this.#chosen.notes, ...rewritten, ...found] };
  }

  /** Gives back the memory of the numbers, when the table is no longer needed. */
  release(): void {
    if (this.#reader) release(this.#reader.numbers);
    this.#values.release();
  }

  notNumber(column: number, text: string, row: number): void {
    if (isMissing(text) || /^(none|-)$/i.test(text)) {
      this.#countMissing(column, text, row);
      return;
    }
    const isFirst = this.#reader?.records === 0 && this.#head?.names === undefined;
    const advice = /^[+-]?inf(inity)?$/i.test(text)
      ? "is not finite; replace or drop it"
      : /^[+-]?\d{1,3}([.,'’\s]\d{3})+([.,]\d+)?$/.test(text)
        ? "is written with thousands separators; write it without, such as 1234.5"
        : /^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(text)
          ? `is written with a decimal comma, ${this.#head?.dialect.delimiter === "," ? "which is read where another delimiter separates cells; write a decimal point, or separate the cells by semicolons" : "unlike the first rows; write a decimal point, or decimal commas in the first rows too"}`
          : isFirst
            ? "is not a number; write numbers in every cell, or a name in every cell of a header"
            : `is not a number; write a finite number, such as 0.5, or, if the column is the label, give tasks=task:*:${shown(this.#head?.names?.[column] || String(column))}`;
    throw new InputError(`${this.#options.where}: row ${row}, ${this.#column(column)}: "${shown(text)}" ${advice}`);
  }

  truth(column: number): void {
    this.#truths.add(column);
  }

  value(column: number, record: number, value: number): void {
    this.#values.setNumber(this.#slots[column], record, value);
  }

  text(column: number, record: number, text: string, row: number): void {
    if (isMissing(text)) this.#countMissing(column, text, row);
    else this.#values.setText(this.#slots[column], record, text, `${this.#options.where}: ${this.#column(column)}`);
  }

  ghost(row: number): void {
    if (this.#ghosts.count === 0) this.#ghosts.first = row;
    this.#ghosts.count++;
  }

  record(record: number, row: number): void {
    const last = this.#rowOffsets.at(-1);
    if (!last || last.offset !== row - record) this.#rowOffsets.push({ record, offset: row - record });
  }

  /** The bytes in UTF-8: a file that begins with the byte order mark of UTF-16 is decoded. */
  #utf8(bytes: Uint8Array | undefined): Uint8Array {
    if (bytes && this.#isFirst) {
      this.#isFirst = false;
      const encoding =
        bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "";
      if (encoding) this.#decoder = new TextDecoder(encoding, { fatal: true });
    }
    if (!this.#decoder) return bytes ?? new Uint8Array();
    try {
      return new TextEncoder().encode(bytes ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode());
    } catch {
      throw new InputError(
        `${this.#options.where}: begins with the byte order mark of UTF-16, but is not UTF-16 throughout; save the file as CSV in UTF-8`,
      );
    }
  }

  #take(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length + 1;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled >= this.#neededBytes) this.#start(false);
    if (this.#reader) this.#read(this.#reader, false);
  }

  #read(reader: RecordReader, isLast: boolean): void {
    const used = reader.take(this.#buffer, this.#filled, isLast);
    this.#buffer.copyWithin(0, used, this.#filled);
    this.#filled -= used;
  }

  /** Finds the columns in the bytes that are there, and begins with the records. */
  #start(isWhole: boolean): void {
    if (this.#reader) return;
    const { where, header = "auto", choose, sizeBytes = this.#filled } = this.#options;
    const head = readHead(this.#buffer.subarray(0, this.#filled), isWhole, header, where);
    this.#head = head;
    if (head.recordBytes === 0) {
      if (this.#filled >= mostHeadBytes) {
        throw new InputError(
          `${where}: no whole row of values in its first ${mostHeadBytes} bytes; drop what stands before the rows, or mend the quotes`,
        );
      }
      this.#neededBytes *= 2;
      return;
    }
    this.#chosen = choose({ names: head.names, width: head.width, where });
    const { inputs, targets } = this.#chosen;
    const expected = Math.ceil(((Math.max(sizeBytes, this.#filled) - head.skip.bytes) / head.recordBytes) * 1.01) + 16;
    this.#forecast(expected, inputs.length + targets.length);
    const columns = Array.from({ length: head.width }, (): Role => roles.skipped);
    for (const column of inputs) columns[column] = roles.number;
    for (const column of targets) columns[column] = roles.value;
    this.#slots = columns.map((_, column) => targets.indexOf(column));
    this.#values = new Values(targets.length, expected);
    this.#reader = new RecordReader(head.dialect, columns, this, head.skip, expected, where);
    this.#buffer.copyWithin(0, head.skip.bytes, this.#filled);
    this.#filled -= head.skip.bytes;
  }

  #forecast(records: number, columns: number): void {
    const { where, memoryBytes } = this.#options;
    const needed = records * (columns * cellBytes + rowBytes);
    if (memoryBytes === undefined || needed <= memoryBytes) return;
    throw new InputError(
      `${where}: about ${inThousands(records)} rows of ${plural(columns, "column")} take ${formatBytes(needed)} of main memory, ${cellBytes} bytes a cell and ${rowBytes} a row, and this process may use ${formatBytes(memoryBytes)}; keep fewer rows, or name the columns that are needed in tasks=`,
    );
  }

  #countMissing(column: number, text: string, row: number): void {
    const known = this.#missing.get(column);
    if (known) known.count++;
    else this.#missing.set(column, { count: 1, row, text });
  }

  #refuseMissing(samples: number): void {
    const [first, ...others] = [...this.#missing].sort((a, b) => a[1].row - b[1].row || a[0] - b[0]);
    if (!first) return;
    const [column, { count, row, text }] = first;
    const rest = others.map(([other, { count: number }]) => `${this.#column(other)} in ${inThousands(number)}`);
    const also = rest.length === 0 ? "" : `; ${rest.slice(0, 4).join(", ")}${rest.length > 4 ? ", .." : ""}`;
    throw new InputError(
      `${this.#options.where}: row ${row}, ${this.#column(column)}: no value ("${shown(text)}"), missing in ${inThousands(count)} of ${inThousands(samples)} rows${also}; fill or drop them`,
    );
  }

  /** `column 2 ("b")`. */
  #column(column: number): string {
    const name = this.#head?.names?.[column];
    return `column ${column + 1}${name === undefined ? "" : ` ("${shown(name)}")`}`;
  }

  #rowOf(record: number): number {
    return record + (this.#rowOffsets.findLast((from) => from.record <= record)?.offset ?? 0);
  }

  /** What the values tell that a user may not expect. */
  #findings(features: Float64Array, samples: number): string[] {
    const { where } = this.#options;
    const { inputs } = this.#chosen;
    const notes: string[] = [];
    if (this.#ghosts.count > 0) {
      notes.push(
        `${where}: ${plural(this.#ghosts.count, "row")} without a value left out, the first is row ${this.#ghosts.first}`,
      );
    }
    const truths = [...this.#truths].sort((a, b) => a - b);
    if (truths.length > 0) {
      const named = truths.slice(0, 5).map((column) => this.#column(column));
      const more = truths.length > 5 ? ` and ${inThousands(truths.length - 5)} more` : "";
      notes.push(`${where}: ${named.join(", ")}${more}: True is read as 1, False as 0`);
    }
    const width = inputs.length;
    const constant = inputs.filter((_, i) => {
      for (let at = i; at < features.length; at += width) if (features[at] !== features[i]) return false;
      return samples > 1;
    });
    if (constant.length > 0) {
      const named = constant.slice(0, 5).map((column) => this.#column(column));
      const more = constant.length > 5 ? ` and ${inThousands(constant.length - 5)} more` : "";
      notes.push(`${where}: ${named.join(", ")}${more}: the same value in every row, so no task can use it`);
    }
    const from = features[0];
    // Times, in seconds since 1970 or finer, are larger.
    if (inputs[0] === 0 && Number.isInteger(from) && from >= 0 && from < 1e8 && samples > 2) {
      let counts = true;
      for (let sample = 0; sample < samples && counts; sample++) counts = features[sample * width] === from + sample;
      if (counts) {
        notes.push(
          `${where}: ${this.#column(0)} counts the rows from ${from} and is taken as an input; if it is an index, name the other columns in tasks=`,
        );
      }
    }
    return notes;
  }
}
