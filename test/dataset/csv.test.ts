import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { parseCsv } from "../../src/dataset/csv.ts";
import { csvDataset } from "../../src/dataset/own_data.ts";
import { parseTasks } from "../../src/dataset/tasks.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseCsv", () => {
  test.each([
    ["plain", "1,2\n3,4\n"],
    ["header", "a,b\n1,2\n3,4"],
    ["semicolons, spaces, CRLF, byte order mark", "\ufeffa;b\r\n 1 ; 2\r\n3;4\r\n"],
    ["empty lines", "1,2\n\n3,4\n\n"],
    ["signs and exponents", "+1,2e0\n.3e1,4."],
    ["quotes", '"a","b"\n"1","2"\n"3","4"'],
  ])("%s", (_, text) => {
    const table = parseCsv(bytes(text), "f.csv");
    expect([table.rows, table.columns]).toEqual([2, 2]);
    expect([...table.values]).toEqual([1, 2, 3, 4]);
  });

  test("more values than the first guess of their number", () => {
    const table = parseCsv(bytes(Array.from({ length: 3000 }, (_, i) => `${i},${-i}`).join("\n")), "f.csv");
    expect([table.rows, table.values[5998], table.values[5999]]).toEqual([3000, 2999, -2999]);
  });

  test.each([
    ["1,2\n3,x", 'f.csv: row 2, column 2: "x" is not a number; write a finite number, such as 0.5'],
    ["a,b\n\n1,2\n3,", 'f.csv: row 4, column 2 ("b"): "" is not a number; write a finite number, such as 0.5'],
    ["1,2\n3,1e400", 'f.csv: row 2, column 2: "1e400" is not a number; write a finite number, such as 0.5'],
    ["1,2\n3,0x10", 'f.csv: row 2, column 2: "0x10" is not a number; write a finite number, such as 0.5'],
    ["1,2\n3,NaN", 'f.csv: row 2, column 2: "NaN" is not a number; write a finite number, such as 0.5'],
    [
      "1,oops\n3,4",
      'f.csv: row 1, column 2: "oops" is not a number; write numbers in every cell, or a name in every cell of a header',
    ],
    ["1,2\n3\n", "f.csv: row 2 has 1 cells, the first row has 2; fill or drop it"],
    ["1,2\n3,4,5\n", "f.csv: row 2 has 3 cells, the first row has 2; fill or drop it"],
    ['1,2\n3,"4', "f.csv: row 2: Quoted field unterminated; mend the quotes"],
    ["", "f.csv: 0 rows of numbers, at least 2 are needed; is it the right file?"],
    ["a,b\n", "f.csv: 0 rows of numbers, at least 2 are needed; is it the right file?"],
  ])("%j", (text, message) => {
    expect(() => parseCsv(bytes(text), "f.csv")).toThrow(new InputError(message));
  });

  test("not UTF-8", () => {
    expect(() => parseCsv(Uint8Array.of(0x31, 0xff, 0xfe), "f.csv")).toThrow(/^f\.csv: 3 bytes are not UTF-8 text/);
  });
});

/** 20 rows: two inputs, then the targets given by a function of the row. */
function file(targets: (row: number) => string): Uint8Array {
  return bytes(Array.from({ length: 20 }, (_, i) => `${i},${i * i},${targets(i)}`).join("\n"));
}

describe("csvDataset", () => {
  test("a last column of 0 and 1 is a binary task; a fifth is held out at random", () => {
    const dataset = csvDataset(
      file((i) => `${i % 2}`),
      "folder/file.csv",
      { dataSeed: 0, standardize: false },
    );
    expect(dataset.name).toBe("file");
    expect(dataset.tasks[0]).toMatchObject({
      kind: "binary",
      inputs: { start: 0, count: 2 },
      outputs: { start: 0, count: 1 },
    });
    expect([dataset.train.samples, dataset.validation.samples]).toEqual([16, 4]);
    const seen = [dataset.train, dataset.validation].flatMap(({ features, labels, samples }) =>
      Array.from({ length: samples }, (_, s) => {
        expect(features[2 * s + 1]).toBe(features[2 * s] ** 2);
        expect(labels[s]).toBe(features[2 * s] % 2);
        return features[2 * s];
      }),
    );
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect([...dataset.validation.features].filter((_, i) => i % 2 === 0)).not.toEqual([16, 17, 18, 19]);
    expect(
      csvDataset(
        file((i) => `${i % 2}`),
        "f.csv",
        { dataSeed: 1, standardize: false },
      ).validation,
    ).not.toEqual(dataset.validation);
  });

  test("class indices and one-hot columns mean the same", () => {
    const tasks = parseTasks("a:1:3,b:1:1");
    const options = { dataSeed: 0, tasks, standardize: false };
    const indices = csvDataset(
      file((i) => `${i % 3},${i % 2}`),
      "f.csv",
      options,
    );
    const oneHot = csvDataset(
      file((i) => `${[0, 1, 2].map((c) => (c === i % 3 ? 1 : 0)).join()},${i % 2}`),
      "f.csv",
      options,
    );
    expect(oneHot).toEqual(indices);
    const { features, labels, samples } = indices.train;
    for (let s = 0; s < samples; s++) {
      expect([labels[s], labels[samples + s]]).toEqual([features[2 * s] % 3, features[2 * s] % 2]);
    }
  });

  test("a Unix time keeps its seconds: what is learnt is what is learnt without the offset", () => {
    const read = (offset: number, options = {}) =>
      csvDataset(bytes(Array.from({ length: 60 }, (_, i) => `${offset + i},${i % 2}`).join("\n")), "f.csv", {
        dataSeed: 0,
        ...options,
      });
    const { train, validation, mean, scale } = read(1_700_000_000);
    expect(new Set(train.features).size).toBe(48);
    expect({ train, validation, mean, scale }).toEqual(
      Object.fromEntries(
        Object.entries(read(0)).filter(([key]) => ["train", "validation", "mean", "scale"].includes(key)),
      ),
    );
    expect([...mean, ...scale]).toEqual([0, 1]);
  });

  test("standardize: false leaves the inputs as they are", () => {
    const dataset = csvDataset(
      file((i) => `${i % 2}`),
      "f.csv",
      { dataSeed: 0, standardize: false },
    );
    expect([...dataset.mean, ...dataset.scale]).toEqual([0, 0, 1, 1]);
  });

  const ask = "so the tasks cannot be inferred; declare them, such as tasks=circles:2:1,moons:2:1";
  test.each([
    ["1.5", undefined, `f.csv: target 1.5 is no class index, ${ask}`],
    ["-1", undefined, `f.csv: target -1 is no class index, ${ask}`],
    ["0", undefined, `f.csv: all 20 targets are 0, ${ask}`],
    [
      "0,1",
      "a:2:3",
      "f.csv: 2 target columns, the tasks need 1 (one class index or 0/1 per task) or 3 (one 0/1 per output); change tasks= or the data",
    ],
    ["0", "a:3:1", "f.csv: 3 columns, 3 inputs and 1 or 1 targets are needed; change tasks= or the data"],
    [
      "2",
      "a:2:1",
      'f.csv: row 1, column 3: target 2 of task "a" is not an integer from 0 to 1; mend the data or tasks=',
    ],
    [
      "4",
      "a:2:4",
      'f.csv: row 1, column 3: target 4 of task "a" is not an integer from 0 to 3; mend the data or tasks=',
    ],
    [
      "1,1",
      "a:2:2",
      'f.csv: row 1, column 4: 1 in the one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
    [
      "0,0.5",
      "a:2:2",
      'f.csv: row 1, column 4: 0.5 in the one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
    [
      "0,0",
      "a:2:2",
      'f.csv: row 1, column 3: no 1 in the 2 one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
  ])("targets %s with tasks %s", (target, tasks, message) => {
    const options = { dataSeed: 0, ...(tasks === undefined ? {} : { tasks: parseTasks(tasks) }) };
    expect(() =>
      csvDataset(
        file(() => target),
        "f.csv",
        options,
      ),
    ).toThrow(new InputError(message));
  });

  test("one column is too few, and so is one row", () => {
    expect(() => csvDataset(bytes("1\n2\n"), "f.csv", { dataSeed: 0 })).toThrow(
      "f.csv: 1 columns, 1 input and 1 target at least are needed; change tasks= or the data",
    );
    expect(() => csvDataset(bytes("1,1\n"), "f.csv", { dataSeed: 0 })).toThrow(
      "holdout: 0.2 of 1 samples leaves 1 and 0; each part needs at least 1, so choose another share or more samples",
    );
  });
});
