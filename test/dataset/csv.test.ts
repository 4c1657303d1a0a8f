import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import type { NamedTask } from "../../src/dataset/tasks.ts";
import { datasetOf } from "./csv/read.ts";

/** 20 rows: two inputs, then the targets given by a function of the row. */
function file(targets: (row: number) => string): string {
  return Array.from({ length: 20 }, (_, i) => `${i},${i * i},${targets(i)}`).join("\n");
}

describe("csvDataset", () => {
  test("a last column of 0 and 1 is a binary task; a fifth is held out at random", async () => {
    const text = file((i) => `${i % 2}`);
    const dataset = await datasetOf(text, { standardize: false }, "folder/file.csv");
    expect(dataset.name).toBe("file");
    expect(dataset.tasks).toEqual([
      { name: "task", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
    ]);
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
    expect((await datasetOf(text, { dataSeed: 1, standardize: false })).validation).not.toEqual(dataset.validation);
  });

  test("class indices and one-hot columns mean the same", async () => {
    const options = { tasks: "a:2:3,b:0..0:1".replace("b:0..0:1", "b:1:1"), standardize: false };
    const rows = (targets: (row: number) => string) =>
      Array.from({ length: 20 }, (_, i) => `${i},${i * i},${i / 2},${targets(i)}`).join("\n");
    const indices = await datasetOf(
      rows((i) => `${i % 3},${i % 2}`),
      options,
    );
    const oneHot = await datasetOf(
      rows((i) => `${[0, 1, 2].map((c) => (c === i % 3 ? 1 : 0)).join()},${i % 2}`),
      options,
    );
    expect(oneHot).toEqual(indices);
    // As pandas.get_dummies writes them.
    const truths = await datasetOf(
      rows((i) => `${[0, 1, 2].map((c) => (c === i % 3 ? "True" : "False")).join()},${i % 2}`),
      options,
    );
    expect(truths).toEqual({
      ...indices,
      notes: [...(indices.notes ?? []), 'f.csv: one-hot columns of task "a": True is read as 1, False as 0'],
    });
    const { features, labels, samples } = indices.train;
    for (let s = 0; s < samples; s++) {
      expect([labels[s], labels[samples + s]]).toEqual([features[3 * s] % 3, features[3 * s] % 2]);
    }
  });

  test("a Unix time keeps its seconds: what is learnt is what is learnt without the offset", async () => {
    const learnt = async (offset: number) => {
      const text = Array.from({ length: 60 }, (_, i) => `${offset + i},${i % 2}`).join("\n");
      const { train, validation, mean, scale } = await datasetOf(text);
      return { train, validation, mean, scale };
    };
    const far = await learnt(1_700_000_000);
    expect(new Set(far.train.features).size).toBe(48);
    expect(far).toEqual(await learnt(0));
    expect([...far.mean, ...far.scale]).toEqual([0, 1]);
  });

  test("standardize: false leaves the inputs as they are, and says which values f32 cannot hold apart", async () => {
    const dataset = await datasetOf(
      file((i) => `${i % 2}`),
      { standardize: false },
    );
    expect([...dataset.mean, ...dataset.scale]).toEqual([0, 0, 1, 1]);
    expect(dataset.notes).not.toContainEqual(expect.stringContaining("f32"));
    const times = Array.from({ length: 60 }, (_, i) => `${1_700_000_000 + i},${i / 8},${i % 2}`);
    const { notes } = await datasetOf(["t,x,y", ...times].join("\n"), { standardize: false });
    const { notes: ofTarget } = await datasetOf(["t,x,y", ...times].join("\n"), { tasks: "t:x:t:mse" });
    expect(ofTarget).toContain(
      'f.csv: targets of task "t": 1700000000 and 1700000059 are the same number in f32, which is learnt; subtract an offset',
    );
    expect(notes).toEqual([
      'f.csv: input 1 ("t"): 1700000000 and 1700000059 are the same number in f32, which is learnt; leave standardize=true, or subtract an offset',
    ]);
  });

  const ask =
    'so the classes of task "task" cannot be inferred; declare the tasks, such as tasks=circles:2:1,moons:2:1, or a regression by tasks=name:inputs:target:mse';
  test.each([
    [(i: number) => `${i}.5`, undefined, `f.csv: row 1, column 3: target 0.5 is no class, ${ask}`],
    [() => "-1", undefined, `f.csv: all 20 targets are -1, ${ask}`],
    [() => "0", undefined, `f.csv: all 20 targets are 0, ${ask}`],
    [
      () => "0,1",
      "a:2:3",
      "f.csv: 2 target columns, the tasks need 1 (one class index or 0/1 per task) or 3 (one 0/1 per output); change tasks= or the data",
    ],
    [() => "0", "a:3:1", "f.csv: 3 columns, 3 inputs and 1 or 1 targets are needed; change tasks= or the data"],
    [
      () => "2",
      "a:2:1",
      'f.csv: row 1, column 3: target 2 of task "a" is not an integer from 0 to 1, and the column has 1 different values, not 2 to be numbered; mend the data or tasks=',
    ],
    [
      (i: number) => (i === 7 ? "4" : `${i % 4}`),
      "a:2:4",
      'f.csv: row 8, column 3: target 4 of task "a" is not an integer from 0 to 3, and the column has 5 different values, not 4 to be numbered; mend the data or tasks=',
    ],
    [
      (i: number) => `${9007199254740992n + BigInt(i % 3)}`,
      "a:2:2",
      'f.csv: row 1, column 3: label 9007199254740992 of task "a" is beyond 2^53, where float64 does not tell integers apart; write labels as texts, such as id9007199254740992',
    ],
    [
      () => "1,1",
      "a:2:2",
      'f.csv: row 1, column 4: 1 in the one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
    [
      () => "0,0.5",
      "a:2:2",
      'f.csv: row 1, column 4: 0.5 in the one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
    [
      () => "0,0",
      "a:2:2",
      'f.csv: row 1, column 3: no 1 in the 2 one-hot columns of task "a"; exactly one column is 1, the others 0',
    ],
  ])("targets %s with tasks %s", async (target, tasks, message) => {
    await expect(datasetOf(file(target), tasks === undefined ? {} : { tasks })).rejects.toThrow(
      new InputError(message),
    );
  });

  test("one column is too few, and so is one row", async () => {
    await expect(datasetOf("1\n2\n")).rejects.toThrow(
      "f.csv: 1 columns, 1 input and 1 target at least are needed; change tasks= or the data",
    );
    await expect(datasetOf("1,1\n", { tasks: "a:1:1" })).rejects.toThrow(
      "holdout: 0.2 of 1 samples leaves 1 and 0; each part needs at least 1, so choose another share or more samples",
    );
  });
});

describe("labels are numbered and the numbering is said and kept", () => {
  test.each<[label: string, values: (string | number)[], kind: string, classes: string[] | undefined]>([
    ["texts", ["setosa", "virginica", "versicolor"], "multiclass", ["setosa", "versicolor", "virginica"]],
    ["1 to K", [3, 1, 2], "multiclass", ["1", "2", "3"]],
    ["-1 and +1", ["+1", "-1"], "binary", ["-1", "1"]],
    ["True and False", ["True", "False"], "binary", ["False", "True"]],
    ["yes and no", ["yes", "no"], "binary", ["no", "yes"]],
    ["numbers by value", [10, 9, 100], "multiclass", ["9", "10", "100"]],
    ["texts by code point", ["b", "a", "\u{1f600}", "\uffee"], "multiclass", ["a", "b", "\uffee", "\u{1f600}"]],
    ["0 to K - 1", [2, 0, 1], "multiclass", undefined],
    ["0 and 1 with decimals", ["1.0", "0.0"], "binary", undefined],
  ])("%s", async (_, values, kind, classes) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${values[i % values.length]}`);
    const { tasks, train, notes = [] } = await datasetOf(["x,y", ...rows].join("\n"), { standardize: false });
    const count = values.length === 2 ? 1 : values.length;
    expect(tasks).toEqual([
      { name: "task", kind, inputs: { start: 0, count: 1 }, outputs: { start: 0, count }, ...(classes && { classes }) },
    ]);
    const said = classes?.map((name, k) => `${name} is ${k}`).join(", ");
    expect(notes.filter((note) => note.includes("classes"))).toEqual(
      said ? [`f.csv: classes of task "task" in column 2 ("y"): ${said}`] : [],
    );
    for (let s = 0; s < train.samples; s++) {
      const written = String(Number(values[train.features[s] % values.length]));
      const value = written === "NaN" ? values[train.features[s] % values.length] : written;
      expect(classes ? classes[train.labels[s]] : String(train.labels[s])).toBe(value);
    }
  });

  test("where the tasks say how many outputs there are, too", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? "no" : "yes"},${(i % 3) + 1}`);
    const { tasks, notes } = await datasetOf(rows.join("\n"), { tasks: "a:1:1,b:0:0".replace(",b:0:0", "") }).catch(
      () => ({ tasks: undefined, notes: undefined }),
    );
    expect([tasks, notes]).toEqual([undefined, undefined]);
    const given = await datasetOf(rows.map((row) => `0.5,${row}`).join("\n"), { tasks: "a:1:1,b:1:3" });
    expect(given.tasks.map(({ classes }) => classes)).toEqual([
      ["no", "yes"],
      ["1", "2", "3"],
    ]);
  });
});

describe("tasks by column", () => {
  const header = "species,x1,x2,x3,a,price,b";
  const rows = Array.from({ length: 30 }, (_, i) =>
    [`s${i % 3}`, i, -i, i * i, i % 2, i / 4, i % 5 > 1 ? 1 : 0].join(),
  );
  const text = [header, ...rows].join("\n");

  test("may share inputs, interleave, and be of unequal sizes; columns of no task are left out and named", async () => {
    const dataset = await datasetOf(text, { tasks: "a:x1+x3:a, b:x1..x2:b", standardize: false });
    expect(dataset.tasks).toEqual([
      { name: "a", kind: "binary", inputs: [0, 2], outputs: { start: 0, count: 1 } },
      { name: "b", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 1, count: 1 } },
    ]);
    expect(dataset.inputNames).toEqual(["x1", "x2", "x3"]);
    expect(dataset.notes).toEqual(['f.csv: columns of no task left out: "species", "price"']);
    const { features, labels, samples } = dataset.train;
    for (let s = 0; s < samples; s++) {
      const i = features[3 * s];
      expect([features[3 * s + 1] + 0, features[3 * s + 2]]).toEqual([-i + 0, i * i]);
      expect([labels[s], labels[samples + s]]).toEqual([i % 2, i % 5 > 1 ? 1 : 0]);
    }
  });

  test("take the number of classes from the data, a loss by name, and all other columns by *", async () => {
    const dataset = await datasetOf(text, { tasks: "kind:*:species,price:x1:price:mse" });
    expect(dataset.tasks).toEqual([
      {
        name: "kind",
        kind: "multiclass",
        inputs: { start: 0, count: 5 },
        outputs: { start: 0, count: 3 },
        classes: ["s0", "s1", "s2"],
      },
      { name: "price", kind: "mse", inputs: { start: 0, count: 1 }, outputs: { start: 3, count: 1 } },
    ]);
    expect(dataset.inputNames).toEqual(["x1", "x2", "x3", "a", "b"]);
    const prices = new Float32Array(dataset.train.labels.slice(dataset.train.samples).buffer);
    expect([...prices].every((price) => price * 4 === Math.round(price * 4) && price < 7.5)).toBe(true);
  });

  test("as JSON, for names with any characters and columns without a name", async () => {
    const odd = ['"a,b:c+d",x..y,"t"', ...Array.from({ length: 10 }, (_, i) => `${i},${i * 3},${i % 2}`)].join("\n");
    const tasks: NamedTask[] = [{ name: "one: two", inputs: ["a,b:c+d", "x..y"], targets: ["t"], kind: "binary" }];
    expect((await datasetOf(odd, { tasks })).tasks).toEqual([
      { name: "one: two", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
    ]);
    const bare = await datasetOf(
      file((i) => `${i % 2}`),
      { tasks: [{ name: "a", inputs: [1], targets: [2] }], standardize: false },
    );
    expect([...bare.validation.features].every((square) => Number.isInteger(Math.sqrt(square)))).toBe(true);
    expect(
      await datasetOf(
        file((i) => `${i % 2}`),
        { tasks: "a:1..1:2", standardize: false },
      ),
    ).toEqual(bare);
  });

  test("a one-hot target has several columns", async () => {
    const hot = [
      "x,p,q,r",
      ...Array.from({ length: 12 }, (_, i) => `${i},${[0, 1, 2].map((c) => Number(c === i % 3))}`),
    ];
    const { tasks, train } = await datasetOf(hot.join("\n"), { tasks: "k:x:p..r", standardize: false });
    expect(tasks[0]).toMatchObject({ kind: "multiclass", outputs: { start: 0, count: 3 } });
    expect([...train.labels]).toEqual([...train.features].map((i) => i % 3));
  });

  test.each([
    ["a:x4+x1:a", 'f.csv: column "x4" is not there; the columns are, nearest first, x1, x2, x3, a, b, price, species'],
    ["a:2:a", 'f.csv: column "2" is not there; the columns are, nearest first, x2, a, b, x1, x3, price, species'],
    ["a:x1+a:a", 'f.csv: column "a" is an input and a target; make it one of them'],
    ["a:x1+x1:a", 'f.csv: column "x1" is given twice for one task; give it once'],
    ["a:x3..x1:a", 'f.csv: "x3..x1" in tasks= runs backwards; give the first column first'],
    ["a:x1+:a", 'tasks: "a:x1+:a" names an empty column; join columns by +, as in a:x1+x2:a'],
    ["a:x1:a+b:mse", 'tasks: "a" is mse with 2 target columns, 1 is needed; make a task of each'],
    [
      "a:x1:species:mse",
      'f.csv: row 2, column 1 ("species"): target "s0" of task "a" is not a finite f32; mend the data or tasks=',
    ],
    [
      "a:x1:price",
      'f.csv: row 3, column 6 ("price"): target 0.25 is no class, so the classes of task "a" cannot be inferred; ',
    ],
    ["a:species:a", 'f.csv: row 2, column 1 ("species"): "s0" is not a number; '],
    ["a:x1:a:ms", 'loss "ms" is not known: give binary, multiclass or mse'],
  ])("%s is refused", async (tasks, message) => {
    await expect(datasetOf(text, { tasks })).rejects.toThrow(message);
  });

  test("a name that two columns have, and a table without names, are refused with the way out", async () => {
    await expect(datasetOf("x,x,y\n1,2,0\n3,4,1\n", { tasks: "a:x:y" })).rejects.toThrow(
      'f.csv: columns 1 and 2 both have the name "x"; rename one, or give positions from 0 in the JSON form of tasks',
    );
    await expect(datasetOf("5,2,0\n3,4,1\n", { tasks: "a:0+1:y" })).rejects.toThrow(
      'f.csv: column "y" is not there: its columns have no names and are known by position, 0 to 2; change tasks=, or give header=yes if the first row of a CSV holds names',
    );
  });

  test("names beside * are looked for too", async () => {
    const read = (tasks: string) => datasetOf("u,v,y,z\n1,2,0,1\n3,4,1,0\n", { tasks, holdout: 0.5 });
    expect((await read("a:u+*:y,b:v:z")).tasks[0].inputs).toEqual({ start: 0, count: 2 });
    await expect(read("a:w+*:y,b:v:z")).rejects.toThrow('f.csv: column "w" is not there');
    await expect(read("a:z+*:y,b:v:z")).rejects.toThrow('f.csv: column "z" is an input and a target');
  });

  test("of targets of a regression the one is named that is no number", async () => {
    await expect(datasetOf("a,y\n1,0\n2,0.5\n3,high\n4,1\n", { tasks: "t:a:y:mse" })).rejects.toThrow(
      'f.csv: row 4, column 2 ("y"): target "high" of task "t" is not a finite f32; mend the data or tasks=',
    );
  });

  test("more different integers than a task may have classes are refused", async () => {
    const text = (rows: number) => Array.from({ length: rows }, (_, i) => `${i % 7},${i}`).join("\n");
    await expect(datasetOf(text(65_536))).rejects.toThrow(
      "f.csv: row 1, column 2: more than 65535 different targets, so the classes of task",
    );
    expect((await datasetOf(text(65_535))).outputs).toBe(65_535);
  });

  test("a line says which inputs vary in validation samples only", async () => {
    const rows = (first: (row: number) => string) =>
      `a,b,c\n${Array.from({ length: 20 }, (_, i) => `${first(i)},${i / 3},${i % 2}`).join("\n")}`;
    const { validation, applied } = await datasetOf(rows((i) => `${i / 7}`));
    // The row of the first validation sample.
    const row = Math.round((validation.features[0] / (applied?.scale[0] ?? 0) + (applied?.mean[0] ?? 0)) * 7);
    const rare = rows((i) => (i === row ? "1" : "0"));
    const line = 'f.csv: "a": the same value in every training sample, so no task can use it';
    expect((await datasetOf(rare)).notes).toEqual([line]);
    expect((await datasetOf(rows((i) => (i === row ? "0" : `${i}`)))).notes).toBeUndefined();
    expect((await datasetOf(rare, { standardize: false })).notes).toBeUndefined();
  });

  test("a line says where counts give a task another target than the column with its name", async () => {
    const read = (header: string, tasks: string) =>
      datasetOf(`${header}\n1,2,0,1\n3,4,1,0\n5,6,1,0\n7,8,1,0\n`, { tasks, holdout: 0.25 });
    expect((await read("a1,b1,b,a", "a:1:1,b:1:1")).notes).toEqual([
      'f.csv: task "a" takes the target "b" by its place, though another is named "a"; name the columns in tasks=, such as a:x1+x2:a, to take that',
      'f.csv: task "b" takes the target "a" by its place, though another is named "b"; name the columns in tasks=, such as b:x1+x2:b, to take that',
    ]);
    expect((await read("a1,b1,a,b", "a:1:1,b:1:1")).notes).toBeUndefined();
    expect((await read("a,b,c,d", "a:1:1,b:1:1")).notes).toBeUndefined();
    expect((await read("a1,b1,a,b", "first:1:1,second:1:1")).notes).toBeUndefined();
  });

  test("inputs without names are known by their columns where some are left out", async () => {
    const rows = "5,2,0,1\n3,4,1,0\n";
    const named = async (tasks: string) => (await datasetOf(rows, { tasks, holdout: 0.5 })).inputNames;
    expect(await named("a:0+2:3")).toEqual(["column 1", "column 3"]);
    expect(await named("a:0+1:3")).toBeUndefined();
    const gap = await datasetOf("a,,b\n1,2,0\n3,4,1\n", { holdout: 0.5 });
    expect(gap.inputNames).toEqual(["a", "column 2"]);
    expect(await named("a:1..2:0")).toEqual(["column 2", "column 3"]);
  });

  test("millions of empty lines, before and between the rows, cost no time", async () => {
    const empty = "\n".repeat(3_000_000);
    const startedAt = performance.now();
    const rows = `${empty}1,0\n${empty}2,1\n\r\n3,0\n4,1`;
    expect((await datasetOf(rows, { holdout: 0.5 })).train.samples).toBe(2);
    await expect(datasetOf(`${rows}\nx,1`)).rejects.toThrow(/: row 6000006, column 1/);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("a file without a row is refused after 64 MiB", async () => {
    await expect(datasetOf(`${"#".repeat(2 ** 26)}\n1,0\n2,1\n`)).rejects.toThrow(
      "f.csv: no whole row of values in its first 67108864 bytes; drop what stands before the rows, or mend the quotes",
    );
  });

  test("a row of more cells than a table may have is refused", async () => {
    await expect(datasetOf(",".repeat(2 ** 21))).rejects.toThrow("f.csv: 0 rows of numbers");
    await expect(datasetOf("1,".repeat(2 ** 21))).rejects.toThrow("f.csv: a row has more than 1048576 cells");
  });

  test("an index that pandas wrote is left out of counts, unless they need it", async () => {
    const indexed = [",x,y", ...Array.from({ length: 10 }, (_, i) => `${i},${i / 2},${i % 2}`)].join("\n");
    const left = 'f.csv: column 1 ("") is taken as the index of the rows and left out; name it in the header to use it';
    expect(await datasetOf(indexed)).toMatchObject({ inputs: 1, inputNames: ["x"], notes: [left] });
    expect(await datasetOf(indexed, { tasks: "a:1:1" })).toMatchObject({ inputs: 1, notes: [left] });
    expect(await datasetOf(indexed, { tasks: "a:*:y" })).toMatchObject({ inputs: 1 });
    expect(await datasetOf(indexed, { tasks: "a:2:1" })).toMatchObject({ inputs: 2 });
  });
});
