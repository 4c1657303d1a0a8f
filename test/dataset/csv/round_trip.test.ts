import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes, readCsv } from "./read.ts";

/** A way to write a table. */
interface Written {
  readonly delimiter: string;
  readonly decimalMark: "." | ",";
  readonly lineEnds: readonly string[];
  readonly quote: (column: number) => boolean;
  readonly padding: string;
  readonly trailing: string;
  readonly mark: string;
  readonly ghosts: boolean;
}

const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(3))),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  // Unix times with milliseconds.
  fc.integer({ min: 0, max: 10_000_000 }).map((ms) => (1_700_000_000_000 + ms) / 1000),
);

const anyWriting: fc.Arbitrary<Written> = fc
  .record({
    delimiter: fc.constantFrom(",", ";", "\t", "|", " "),
    decimalComma: fc.boolean(),
    lineEnds: fc.subarray(["\n", "\r\n", "\r"], { minLength: 1 }),
    quoted: fc.integer({ min: 0, max: 7 }),
    padding: fc.constantFrom("", " ", "  "),
    trailing: fc.boolean(),
    mark: fc.constantFrom("", "\ufeff"),
    ghosts: fc.boolean(),
  })
  .map(({ delimiter, decimalComma, quoted, trailing, ...rest }) => ({
    ...rest,
    delimiter,
    decimalMark: decimalComma && delimiter !== "," ? "," : ".",
    quote: (column: number) => ((quoted >> column) & 1) === 1,
    trailing: trailing && delimiter !== " " ? delimiter : "",
  }));

/** Number of digits with which a number is written; all that it has. */
const anyForm = fc.constantFrom(
  (value: number) => String(value),
  (value: number) => value.toExponential(18),
  (value: number) => value.toExponential(),
);

test("a table written in any way is read back to the last bit", () => {
  const anyTable = fc.integer({ min: 2, max: 5 }).chain((width) =>
    fc.array(
      fc.array(
        anyNumber.map((value) => value + 0),
        { minLength: width, maxLength: width },
      ),
      { minLength: 3, maxLength: 12 },
    ),
  );
  const dialects = new Set<string>();
  fc.assert(
    fc.property(anyTable, anyWriting, anyForm, fc.integer({ min: 1, max: 40 }), (rows, way, form, pieceBytes) => {
      const cell = (text: string, column: number) => way.padding + (way.quote(column) ? `"${text}"` : text);
      const number = (value: number, column: number) => cell(form(value).replace(".", way.decimalMark), column);
      const lines = [
        rows[0].map((_, column) => cell(`x${column}${way.quote(column) ? ` "${way.delimiter}" 1` : ""}`, column)),
        ...rows.map((row) => row.map(number)),
      ].map((cells) => cells.map((text) => text.replace(/"(.*)"(.*)"(.*)"/s, '"$1""$2""$3"')).join(way.delimiter));
      if (way.ghosts) lines.splice(2, 0, way.delimiter.repeat(rows[0].length - 1).replaceAll(" ", ""));
      const text = lines.map((line, i) => line + way.trailing + way.lineEnds[i % way.lineEnds.length]).join("");
      const { table } = readCsv(bytes(way.mark + text), {}, pieceBytes);
      const { samples, inputs, features, targets } = table;
      const read = Array.from({ length: samples }, (_, i) => [
        ...features.subarray(i * inputs, (i + 1) * inputs),
        targets[i],
      ]);
      expect(read).toEqual(rows);
      expect(table.inputNames).toHaveLength(inputs);
      dialects.add(way.delimiter + way.decimalMark);
    }),
    { numRuns: 1500 },
  );
  expect(dialects.size).toBe(9);
});
