import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/base/errors.ts";
import { readCsv, valuesOf } from "./read.ts";

const two = [
  [1, 2],
  [3, 4],
];

describe("reads", () => {
  test.each([
    ["plain", "1,2\n3,4\n"],
    ["header", "a,b\n1,2\n3,4"],
    ["semicolons, spaces, CRLF, byte order mark", "\ufeffa;b\r\n 1 ; 2\r\n3;4\r\n"],
    ["empty lines", "1,2\n\n3,4\n\n"],
    ["signs and exponents", "+1,2e0\n.3e1,4."],
    ["quotes", '"a","b"\n"1","2"\n"3","4"'],
    ["line ends of all kinds", "a,b\r1,2\r\n3,4\n"],
    ["CR alone", "a,b\r1,2\r3,4"],
    ["tabs", "a\tb\n1\t2\n3\t4"],
    ["bars", "a|b\n1|2\n3|4"],
    ["a sep= line", "sep=;\na;b\n1;2\n3;4"],
    ["a sep= line with another character", "sep=^\r\na^b\r\n1^2\r\n3^4"],
    ["trailing delimiters in all rows", "a,b,\n1,2,\n3,4,\n"],
    ["trailing delimiters below the header", "a,b\n1,2,\n3,4,\n"],
    ["trailing delimiters in the header", "a,b,,\n1,2\n3,4\n"],
    [
      "numpy.savetxt",
      "1.000000000000000000e+00 2.000000000000000000e+00\n3.000000000000000000e+00 4.000000000000000000e+00\n",
    ],
    ["numpy.savetxt with a header", "# a b\n1.0 2.0\n3.0 4.0\n"],
    ["numpy.savetxt with delimiter and header", "# a,b\n1.0,2.0\n3.0,4.0\n"],
    ["row names as R writes them, without a name", '"a" "b"\n"1" 1 2\n"2" 3 4\n'],
    ["columns padded with spaces", "  a    b\n  1    2\n  3    4  \n"],
    ["comments between rows", "# made by a program\na,b\n1,2\n# half\n3,4\n"],
    ["delimiters within quotes", '"a, the first; in m","b, the second; in s"\n1,2\n3,4\n'],
    ["a delimiter within quotes over lines", '"a\n1;2;3","b"\n1,2\n3,4\n'],
    ["quotes doubled", '"a ""x""",b\n1,2\n3,4\n'],
    ["more digits than 19", "1.00000000000000000000000,2\n3,4\n"],
  ])("%s", (_, text) => {
    expect(valuesOf(text)).toEqual(two);
    for (const size of [1, 2, 3, 5]) expect(valuesOf(text, {}, size)).toEqual(two);
  });

  test("UTF-16 with a byte order mark", () => {
    const little = Uint8Array.from([0xff, 0xfe, ...[..."a;ü\n1;2\n3;4"].flatMap((c) => [c.charCodeAt(0), 0])]);
    const big = little.map((_, i) => little[i ^ 1]);
    for (const file of [little, big]) {
      expect(valuesOf(file)).toEqual(two);
      expect(valuesOf(file, {}, 3)).toEqual(two);
    }
  });

  test.each([
    ["a header", "età, Š ,\u00a0Р\u00a0\n1,2,3\n3,4,5\n"],
    ["quotes", '"età","Š","Р"\n1,2,3\n3,4,5\n'],
    ["a comment", "# età,Š,Р\n1.0,2.0,3.0\n3.0,4.0,5.0\n"],
    ["a comment that ends with such a letter", "# Р,Š,età\n1.0,2.0,3.0\n3.0,4.0,5.0\n"],
  ])("names in %s whose last byte in UTF-8 is that of a blank in Latin-1", (_, text) => {
    const { table } = readCsv(text);
    const names = [...(table.inputNames ?? []), table.targetNames?.[0]];
    const isReversed = text.startsWith("# Р");
    expect(names).toEqual(isReversed ? ["Р", "Š", 'column 3 ("età")'] : ["età", "Š", 'column 3 ("Р")']);
  });

  test("numbers among texts count by value, which a line says where they are written otherwise", () => {
    const labels = (cells: string[]) => readCsv(`x,a\n${cells.map((cell, i) => `${i / 2},${cell}`).join("\n")}`);
    const line = 'f.csv: column 2 ("a"): numbers among its texts count by value, ';
    const { table, notes } = labels(["1", "01", "A", '"1.0"']);
    expect([table.targetTexts, [...(table.targets as Float64Array)]]).toEqual([[["A", "1"]], [1, 1, 0, 1]]);
    expect(notes).toEqual([`${line}"01" as 1`]);
    expect(labels(["A", '"1e3"']).notes).toEqual([`${line}"1e3" as 1000`]);
    expect(labels(["A", "10", "-1.5", '"2"']).notes).toEqual([]);
    expect(labels(["01", "1.0", "2"]).notes).toEqual([]);
  });

  test.each([
    ["semicolons", "1,5;2,5\n3,25;4\n"],
    ["tabs", "x\ty\n1,5\t2,5\n3,25\t4\n"],
    ["spaces", "1,5 2,5\n3,25 4\n"],
  ])("decimal commas between %s", (_, text) => {
    expect(valuesOf(text)).toEqual([
      [1.5, 2.5],
      [3.25, 4],
    ]);
    expect(readCsv(text).notes[0]).toBe(`f.csv: cells are separated by ${_}, decimal commas`);
  });

  test("rows that are longer than the part of the file that is looked at first", () => {
    const width = 9000;
    const row = (value: (column: number) => string) =>
      Array.from({ length: width }, (_, column) => value(column)).join();
    const rows = Array.from({ length: 40 }, (_, i) => row((column) => ((i + column) % 7).toFixed(2)));
    const { table, notes } = readCsv([row(String), ...rows].join("\n"), {}, 50_000);
    expect([table.samples, table.inputs, table.features.length]).toEqual([40, width - 1, 40 * (width - 1)]);
    expect(notes[0]).toBe("f.csv: row 1 (0, 1, 2, 3, 4, .. 8999) is taken as a header; header=no reads it as a sample");
    expect([...table.features.subarray(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1]);
  });

  test("many rows, in more room than was expected", () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => [i, -i]);
    const text = rows.map((row, i) => (i < 300 ? row.map((v) => v.toFixed(30)) : row).join()).join("\n");
    expect(valuesOf(text.replaceAll("-0.0", "0.0"))).toEqual(rows.map(([a, b]) => [a, b + 0]));
  });

  test("texts in the last column, with the rows that they are in", () => {
    const { table } = readCsv("x,kind\n1,cat\n\n2,dog\n3,cat\n");
    expect(table.targetTexts).toEqual([["cat", "dog"]]);
    expect([...(table.targets as Float64Array)]).toEqual([0, 1, 0]);
    expect([0, 1, 2].map((row) => table.targetPlace(row, 0))).toEqual(
      [2, 4, 5].map((row) => `f.csv: row ${row}, column 2 ("kind")`),
    );
    // Quotes doubled, and delimiters and line ends in quotes: a row is a line of the file.
    const quoted = 'x,kind\n1,"a ""b"", c"\n2,"d\r\ne"\n3, " d\n\ne " \n4,f"g"\n5,"a ""b"", c"\n';
    for (const size of [1, 4, undefined]) {
      expect(valuesOf(quoted, {}, size)).toEqual([
        [1, 'a "b", c'],
        [2, "d\r\ne"],
        [3, "d\n\ne"],
        [4, 'f"g"'],
        [5, 'a "b", c'],
      ]);
      const { targetPlace } = readCsv(quoted, {}, size).table;
      expect([0, 1, 2, 3, 4].map((row) => targetPlace(row, 0).slice(7, 12))).toEqual(
        [2, 3, 5, 8, 9].map((row) => `row ${row}`),
      );
    }
    // A column with texts and numbers is one of texts.
    expect(valuesOf("1,7\n2,a\n3,7.0\n")).toEqual([
      [1, "7"],
      [2, "a"],
      [3, "7"],
    ]);
  });
});

describe("says in one line what could be read otherwise", () => {
  const sample = (row: string) => `f.csv: row 1 (${row}) is taken as a sample; header=yes reads it as names`;
  const header = (row: string) => `f.csv: row 1 (${row}) is taken as a header; header=no reads it as a sample`;
  test.each<[what: string, text: string, rows: number, notes: string[]]>([
    ["nothing of a plain file", "a,b\n1.5,0\n2.5,1\n", 2, []],
    [
      "the header of DataFrame(array).to_csv(index=False)",
      "0,1,2\n0.5,0.25,1.0\n1.5,2.5,0.0\n",
      2,
      [header("0, 1, 2")],
    ],
    [
      "the same with the index",
      ",0,1\n0,0.5,1.0\n1,1.5,0.0\n",
      2,
      [
        header('"", 0, 1'),
        'f.csv: column 1 ("") is taken as the index of the rows and left out; name it in the header to use it',
      ],
    ],
    ["a header of years", "2019,2020,label\n0.5,0.25,1\n1.5,2.5,0\n", 2, [header("2019, 2020, label")]],
    ["a header of years alone", "2019,2020,2021\n0.5,0.25,1\n1.5,2.5,0\n", 2, [header("2019, 2020, 2021")]],
    ["integers above integers", "1,2\n3,4\n", 2, [sample("1, 2")]],
    ["0 to 4 above anything", "0,1,2,3,4\n5,6,7,8,1\n8,9,3,6,0\n", 2, [header("0, 1, 2, 3, 4")]],
    ["a sample that does not ascend", "5,1\n3,4\n", 2, []],
    ["the columns of an array in another order", "2,0,1\n0.5,0.25,1.0\n1.5,2.5,0.0\n", 3, [sample("2, 0, 1")]],
    ["an array's header beside a name above texts", "0,1,kind\n0.5,0.25,cat\n1.5,2.5,dog\n", 2, [header("0, 1, kind")]],
    ["a number and a text above texts", "2020,kind\n0.5,cat\n1.5,dog\n", 3, [sample("2020, kind")]],
    ["numbers above integers, a text above texts", "7,1,kind\n5,2,cat\n1,3,dog\n", 3, [sample("7, 1, kind")]],
    ["a sample of integers and a label above decimals", "0,1,cat\n0.5,0.25,cat\n1.5,2.5,dog\n", 3, []],
    [
      "wavelengths",
      "400.5,410.5,420.5,class\n0.1,0.2,0.3,0\n0.2,0.1,0.5,1\n",
      2,
      [header("400.5, 410.5, 420.5, class")],
    ],
    ["a text above numbers", "4.5,1.5,class\n0.1,0.2,0\n0.2,0.1,1\n", 3, [sample("4.5, 1.5, class")]],
    ["integers and True above decimals", "1,2,True\n0.5,0.25,False\n1.5,2.5,False\n", 3, []],
    [
      "what may be thousands",
      "a;b\n999;1\n1.001;0\n",
      2,
      [
        "f.csv: cells are separated by semicolons",
        'f.csv: "1.001" is read as a decimal fraction; if it is a number of thousands, write it without the point',
      ],
    ],
    ["three decimals everywhere", "a;b\n0.999;1\n1.001;0\n", 2, ["f.csv: cells are separated by semicolons"]],
    [
      "a row of True and False",
      "True,False\nFalse,1\n",
      2,
      [sample("True, False"), "f.csv: column 1: True is read as 1, False as 0"],
    ],
    ["a column without a name at the end", "a,b,\n1.5,2,0\n3,4,1\n", 2, []],
    [
      "True and False as an input",
      "a,b,c\nTrue,1.5,0\nFALSE,2.5,1\n",
      2,
      ['f.csv: column 1 ("a"): True is read as 1, False as 0'],
    ],
    [
      "an index that starts later",
      "id,b,c\n1461,1.5,0\n1462,2.5,1\n1463,2,1\n",
      3,
      [
        'f.csv: column 1 ("id") counts the rows from 1461 and is taken as an input; if it is an index, name the other columns in tasks=',
      ],
    ],
    [
      "rows without a value",
      "a,b\n1.5,2\n,\n , \n3,4\n,\n",
      2,
      ["f.csv: 2 rows without a value left out, the first is row 3"],
    ],
    [
      "a constant column",
      "a,b,c\n5,1,0\n5,2,1\n",
      2,
      ['f.csv: column 1 ("a"): the same value in every row, so no task can use it'],
    ],
    [
      "a column that counts the rows",
      "id,b,c\n0,1.5,0\n1,2.5,1\n2,2,1\n",
      3,
      [
        'f.csv: column 1 ("id") counts the rows from 0 and is taken as an input; if it is an index, name the other columns in tasks=',
      ],
    ],
    [
      "names from a comment",
      "# x y\n1.5 1\n2.5 0\n",
      2,
      ["f.csv: cells are separated by spaces", "f.csv: columns are named by the comment line: x, y"],
    ],
    [
      "two delimiters that fit equally",
      "a;b,c\nd;e,f\n",
      1,
      ["f.csv: cells are separated by commas (semicolons would fit as well: a first line such as sep=; decides)"],
    ],
  ])("%s", (_, text, rows, notes) => {
    const { table, notes: said } = readCsv(
      text,
      text.startsWith("a;b") ? { choose: () => ({ inputs: [], targets: [0, 1], notes: [] }) } : {},
    );
    expect(said).toEqual(notes);
    expect(table.samples).toBe(rows);
  });

  test("a name that is missing at the end leaves the others where they are", () => {
    expect(readCsv("a,b,\n1.5,2,0\n3,4,1\n").table.inputNames).toEqual(["a", "b"]);
    expect(valuesOf("a,b,\n1.5,2,0\n3,4,1\n")).toEqual([
      [1.5, 2, 0],
      [3, 4, 1],
    ]);
  });

  test("True is 1 and False is 0 in a column of numbers", () => {
    const rows = [
      [1, 1.5, 0],
      [0, 2.5, 1],
    ];
    expect(valuesOf("a,b,c\nTrue,1.5,0\nFALSE,2.5,1\n")).toEqual(rows);
    expect(valuesOf('a,b,c\n"TRUE",1.5,0\n"false",2.5,1\n', {}, 3)).toEqual(rows);
  });

  test("header=yes and header=no decide", () => {
    expect(valuesOf("1,2\n3,4\n", { header: "yes" })).toEqual([[3, 4]]);
    expect(readCsv("1,2\n3,4\n", { header: "yes" }).table.inputNames).toEqual(["1"]);
    expect(valuesOf("0,1,2\n0.5,0.25,1\n", { header: "no" })).toEqual([
      [0, 1, 2],
      [0.5, 0.25, 1],
    ]);
    expect(readCsv("0,1,2\n0.5,0.25,1\n", { header: "no" }).notes).toEqual([]);
  });
});

const notNumber = (column: number | string) =>
  `is not a number; write a finite number, such as 0.5, or, if the column is the label, give tasks=task:*:${column}`;
describe("refuses", () => {
  test.each([
    ["1,2\n3,4\nx,5", `f.csv: row 3, column 1: "x" ${notNumber(0)}`],
    [
      "a,b\n\n1,2\n3,\n4,NaN\n",
      'f.csv: row 4, column 2 ("b"): no value (""), missing in 2 of 3 rows; fill or drop them',
    ],
    [
      "a,b,c\n1,NA,1\n,2,0\n",
      'f.csv: row 2, column 2 ("b"): no value ("NA"), missing in 1 of 2 rows; column 1 ("a") in 1; fill or drop them',
    ],
    ["1,2\n1e400,3", `f.csv: row 2, column 1: "1e400" ${notNumber(0)}`],
    ["a,b\n1,2\n?,0\n", 'f.csv: row 3, column 1 ("a"): no value ("?"), missing in 1 of 2 rows; fill or drop them'],
    [
      "a,b\n1,2\n3,<NA>\n",
      'f.csv: row 3, column 2 ("b"): no value ("<NA>"), missing in 1 of 2 rows; fill or drop them',
    ],
    [
      "a,b\n1,2\nNone,0\n",
      'f.csv: row 3, column 1 ("a"): no value ("None"), missing in 1 of 2 rows; fill or drop them',
    ],
    [
      'a,b\n"0,5",1\n"1,5",0',
      'f.csv: row 2, column 1 ("a"): "0,5" is written with a decimal comma, which is read where another delimiter separates cells; write a decimal point, or separate the cells by semicolons',
    ],
    [
      "My data, of today\na,b,c,d\n1,2,3,4\n",
      "f.csv: row 1: 2 cells in the header, the rows below have 4; name every column, or drop the lines before the header",
    ],
    ["1,2\n0x10,3", `f.csv: row 2, column 1: "0x10" ${notNumber(0)}`],
    [
      `a;b\n${"1;0\n".repeat(250)}0,5;1\n`,
      'f.csv: row 252, column 1 ("a"): "0,5" is written with a decimal comma, unlike the first rows; write a decimal point, or decimal commas in the first rows too',
    ],
    [
      "a;b\n1\u00a0234;1\n2;0",
      'f.csv: row 2, column 1 ("a"): "1\u00a0234" is written with thousands separators; write it without, such as 1234.5',
    ],
    ["5,-inf,1\n4,3,0\n2,1,1\n", 'f.csv: row 1, column 2: "-inf" is not finite; replace or drop it'],
    ["1,2\n-inf,3", 'f.csv: row 2, column 1: "-inf" is not finite; replace or drop it'],
    [
      "a,b\n?,1\n2,0\n<NA>,1\n",
      'f.csv: row 2, column 1 ("a"): no value ("?"), missing in 2 of 3 rows; fill or drop them',
    ],
    ["kind,x,y\ncat,1,0\ndog,2,1\n", `f.csv: row 2, column 1 ("kind"): "cat" ${notNumber("kind")}`],
    [
      'a,b\n"1,234.5",1\n2,0',
      'f.csv: row 2, column 1 ("a"): "1,234.5" is written with thousands separators; write it without, such as 1234.5',
    ],
    [
      "a;b\n1.234,5;1\n2,5;0",
      'f.csv: row 2, column 1 ("a"): "1.234,5" is written with thousands separators; write it without, such as 1234.5',
    ],
    [
      "oops,1.5\n3,4",
      'f.csv: row 1, column 1: "oops" is not a number; write numbers in every cell, or a name in every cell of a header',
    ],
    ["1,2\n3\n", "f.csv: row 2 has 1 cell, the table has 2 columns; fill or drop it"],
    ["1,2\n3,4,5\n", "f.csv: row 2 has 3 cells, the table has 2 columns; fill or drop it"],
    ['1,2\n3,"4', "f.csv: row 2: a quoted cell is not closed; mend the quotes"],
    [
      '1,2\n3,"4"5',
      'f.csv: row 2: "4" goes on after its closing quote; mend the quotes, and double a quote within a cell',
    ],
    ["", "f.csv: 0 rows of numbers, at least 2 are needed; is it the right file?"],
    ["a,b\n", "f.csv: 0 rows of numbers, at least 2 are needed; is it the right file?"],
  ])("%j", (text, message) => {
    expect(() => readCsv(text)).toThrow(new InputError(message));
  });

  test.each([
    ["gzip", [0x1f, 0x8b, 8, 0], "is compressed by gzip, not a CSV file; unpack it first, such as with gunzip"],
    [
      "a workbook",
      [0x50, 0x4b, 3, 4, 20, 0],
      "is a zip file or a workbook such as .xlsx, not a CSV file; unpack it first, or save the sheet as CSV in UTF-8",
    ],
    [
      "Parquet",
      [0x50, 0x41, 0x52, 0x31, 0],
      "is a Parquet file, not a CSV file; write it as CSV, such as with DataFrame.to_csv",
    ],
  ])("%s by its first bytes", (_, magic, message) => {
    expect(() => readCsv(Uint8Array.from(magic))).toThrow(new InputError(`f.csv: ${message}`));
  });

  test("no text that begins as a packed file does", () => {
    expect(readCsv("BZh,b\n1.5,2\n3,4\n").table.inputNames).toEqual(["BZh"]);
  });

  test("bytes that are no UTF-8, by row and byte", () => {
    const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect(() => readCsv(latin1("größe,b\n1,2\n"))).toThrow(
      new InputError("f.csv: row 1: byte 2 of the file, 0xf6, is not UTF-8; save the file as CSV in UTF-8"),
    );
    expect(() => readCsv(latin1("a,b\n1,2\n3,größe\n"))).toThrow(
      "f.csv: row 3: byte 12 of the file, 0xf6, is not UTF-8",
    );
    expect(() => readCsv(latin1("a\0,\0b\0\n\0"))).toThrow(
      "f.csv: byte 1 is 0, which no text in UTF-8 has; save the file as CSV in UTF-8 (UTF-16 is read where it begins with a byte order mark)",
    );
  });

  test("a file that does not fit main memory, before it is read", () => {
    const rows = "1.5,2.5,1\n".repeat(200_000);
    expect(() => readCsv(rows, { sizeBytes: 10e9, memoryBytes: 8e9 }, 65536)).toThrow(
      "f.csv: about 1,010,000,016 rows of 3 columns take 53 GB of main memory, 12 bytes a cell and 16 a row, and this process may use 8.0 GB; keep fewer rows, or name the columns that are needed in tasks=",
    );
  });
});
