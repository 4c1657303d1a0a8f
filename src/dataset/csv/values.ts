import { releasableNumbers, release } from "../../base/buffers.ts";
import { InputError } from "../../base/errors.ts";

/** Classes of a label column at most. */
const mostTexts = 65535;

/**
 * The values of some columns, row-major: each a number, or a text as its number in the column's list of texts. A column
 * with a text that is no number is one of texts.
 */
export class Values {
  readonly #columns: number;
  #values: Float64Array;
  /** Per column: the texts by their numbers, and the number of the text of each record, -1 for a number. */
  readonly #texts: ({ readonly numbers: Map<string, number>; codes: Int32Array } | undefined)[];

  /** @param expected number of records to make room for; more are possible */
  constructor(columns: number, expected: number) {
    this.#columns = columns;
    this.#values = releasableNumbers(Math.max(1, expected) * columns);
    this.#texts = Array.from({ length: columns }, () => undefined);
  }

  setNumber(column: number, record: number, value: number): void {
    const at = record * this.#columns + column;
    while (at >= this.#values.length) this.#values = larger(this.#values, this.#columns);
    this.#values[at] = value;
  }

  /** @throws InputError when the column has more different texts than a task may have classes; it begins with `where` */
  setText(column: number, record: number, text: string, where: string): void {
    this.setNumber(column, record, Number.NaN);
    this.#texts[column] ??= { numbers: new Map(), codes: new Int32Array(0) };
    const texts = this.#texts[column];
    while (record >= texts.codes.length) {
      const codes = new Int32Array(Math.max(this.#values.length / this.#columns, texts.codes.length * 2)).fill(-1);
      codes.set(texts.codes);
      texts.codes = codes;
    }
    texts.codes[record] = numberOf(texts.numbers, text, where);
  }

  release(): void {
    release(this.#values);
  }

  /** The values of the first records, and the texts of each column that has some. */
  finish(records: number, where: (column: number) => string) {
    const columns = this.#columns;
    const values = this.#values.subarray(0, records * columns);
    const texts = this.#texts.map((own, column) => {
      if (!own) return undefined;
      for (let record = 0; record < records; record++) {
        const at = record * columns + column;
        const code = own.codes[record] ?? -1;
        values[at] = code >= 0 ? code : numberOf(own.numbers, String(values[at]), where(column));
      }
      return [...own.numbers.keys()];
    });
    return { values, texts };
  }
}

function numberOf(numbers: Map<string, number>, text: string, where: string): number {
  const known = numbers.get(text) ?? numbers.size;
  if (known === mostTexts) {
    throw new InputError(`${where}: more than ${mostTexts} different texts, so it is no label; choose another column`);
  }
  numbers.set(text, known);
  return known;
}

/** A copy with more room, a quarter at least, for whole records; the memory of the values is given back. */
export function larger(values: Float64Array, columns: number): Float64Array {
  const copy = releasableNumbers((Math.ceil((values.length / columns) * 1.25) + 256) * columns);
  copy.set(values);
  release(values);
  return copy;
}
