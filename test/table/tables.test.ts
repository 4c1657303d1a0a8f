import { parquetMetadata, parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { parquetTable } from "../../src/table/parquet_table.ts";
import { csvTable, jsonLinesTable } from "../../src/table/text_tables.ts";
import { columnsOf, rows, whole } from "./small_table.ts";

const columns = columnsOf(rows);
const names = [
  "name",
  "seed",
  "level",
  "valAccuracy.moons",
  "steps",
  "winning",
  "degree",
  "coverage",
  "mixed",
  "added.later",
  "never",
];

it("has the columns of all rows", () => {
  expect(columns.map(({ name }) => name).sort()).toEqual([...names].sort());
});

describe("CSV", () => {
  it("has no text that a spreadsheet takes for a formula, and numbers as they are", async () => {
    const cells = ["=cmd()", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=1\n=2", "a=b"];
    const columns = columnsOf([
      new Map<string, string | number>([
        ["=name", "a"],
        ["n", -1],
      ]),
    ]);
    const own = cells.map(
      (text) =>
        new Map<string, string | number>([
          ["=name", text],
          ["n", -1],
        ]),
    );
    const text = new TextDecoder().decode(await whole(csvTable(columns, own)));
    const { data } = Papa.parse<string[]>(text.trimEnd(), { newline: "\n" });
    expect(data).toEqual([["'=name", "n"], ...cells.map((cell) => [cell === "a=b" ? cell : `'${cell}`, "-1"])]);
  });

  it("has a header, numbers as they are, lists as JSON and empty cells, and Papa Parse reads it back", async () => {
    const text = new TextDecoder().decode(await whole(csvTable(columns, rows)));
    expect(text.endsWith("\n")).toBe(true);
    const { data, errors } = Papa.parse<Record<string, string>>(text.trimEnd(), { header: true });
    expect(errors).toEqual([]);
    expect(data).toEqual([
      {
        name: 'a, "b"\nc',
        seed: "4294967295",
        level: "0",
        "valAccuracy.moons": "1",
        steps: "1099511627776",
        winning: "true",
        degree: "[0,0.25,null]",
        coverage: "[[1,0.5],[]]",
        mixed: '"text"',
        "added.later": "",
        never: "",
      },
      {
        name: "Ä=1",
        seed: "0",
        level: "1",
        "valAccuracy.moons": "NaN",
        steps: "0",
        winning: "false",
        degree: "[]",
        coverage: "",
        mixed: "2",
        "added.later": "",
        never: "",
      },
      {
        name: "",
        seed: "1",
        level: "2",
        "valAccuracy.moons": "",
        steps: "",
        winning: "",
        degree: "",
        coverage: "[[0.125]]",
        mixed: "",
        "added.later": "7",
        never: "",
      },
    ]);
  });
});

describe("JSON Lines", () => {
  it("has an object with every column for each row", async () => {
    const text = new TextDecoder().decode(await whole(jsonLinesTable(columns, rows)));
    const objects = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(Object.keys(objects[2])).toEqual(columns.map(({ name }) => name));
    expect(objects[0]).toMatchObject({
      name: 'a, "b"\nc',
      seed: 4294967295,
      winning: true,
      degree: [0, 0.25, null],
      never: null,
    });
    // JSON has no NaN.
    expect(objects[1]).toMatchObject({ "valAccuracy.moons": null, mixed: 2, "added.later": null });
  });
});

describe("Parquet", () => {
  const read = async (bytes: Uint8Array) => {
    const file = bytes.slice().buffer;
    return { metadata: parquetMetadata(file), objects: await parquetReadObjects({ file }) };
  };

  it("has the types of the columns, and hyparquet reads it back", async () => {
    const { metadata, objects } = await read(await whole(parquetTable(columns, rows)));
    const leaves = metadata.schema.flatMap(({ name, type, converted_type: converted, repetition_type: repetition }) =>
      type && names.includes(name) ? [[name, `${type}${converted ? ` ${converted}` : ""} ${repetition}`] as const] : [],
    );
    expect(Object.fromEntries(leaves)).toEqual({
      name: "BYTE_ARRAY UTF8 OPTIONAL",
      seed: "INT64 OPTIONAL",
      level: "INT32 OPTIONAL",
      "valAccuracy.moons": "DOUBLE OPTIONAL",
      steps: "INT64 OPTIONAL",
      winning: "BOOLEAN OPTIONAL",
      mixed: "BYTE_ARRAY UTF8 OPTIONAL",
      "added.later": "INT32 OPTIONAL",
      never: "BYTE_ARRAY UTF8 OPTIONAL",
    });
    expect(objects).toEqual([
      {
        name: 'a, "b"\nc',
        seed: 4294967295n,
        level: 0,
        "valAccuracy.moons": 1,
        steps: 2n ** 40n,
        winning: true,
        degree: [0, 0.25, null],
        coverage: [[1, 0.5], []],
        mixed: '"text"',
        "added.later": null,
        never: null,
      },
      {
        name: "Ä=1",
        seed: 0n,
        level: 1,
        "valAccuracy.moons": Number.NaN,
        steps: 0n,
        winning: false,
        degree: [],
        coverage: undefined,
        mixed: "2",
        "added.later": null,
        never: null,
      },
      {
        name: "",
        seed: 1n,
        level: 2,
        "valAccuracy.moons": null,
        steps: null,
        winning: null,
        degree: undefined,
        coverage: [[0.125]],
        mixed: null,
        "added.later": 7,
        never: null,
      },
    ]);
  });

  it("comes in pieces, a row group each, however long the table is", async () => {
    const many = function* () {
      for (let level = 0; level < 25_000; level++)
        yield new Map<string, number>([
          ["level", level],
          ["loss", level / 8],
        ]);
    };
    const wide = columnsOf([
      new Map([
        ["level", 0],
        ["loss", 0.5],
      ]),
    ]);
    const sizes: number[] = [];
    const pieces = async function* () {
      for await (const piece of parquetTable(wide, many())) {
        sizes.push(piece.length);
        yield piece;
      }
    };
    const { metadata, objects } = await read(await whole(pieces()));
    expect(sizes).toHaveLength(4);
    expect(metadata.row_groups.map(({ num_rows: count }) => count)).toEqual([10_000n, 10_000n, 5_000n]);
    expect(objects).toHaveLength(25_000);
    expect([objects[20_000], objects[24_999]]).toEqual([
      { level: 20_000, loss: 2500 },
      { level: 24_999, loss: 24_999 / 8 },
    ]);
  });
});
