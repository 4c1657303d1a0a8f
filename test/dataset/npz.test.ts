import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { parseNpy } from "../../src/dataset/npy.ts";
import { parseNpz } from "../../src/dataset/npz.ts";
import { npzDataset } from "../../src/dataset/own_data.ts";
import { validationSplit } from "../../src/dataset/split.ts";
import { dtypes, npy, npyTexts, npyWithHeader } from "./npy_file.ts";

function npz(arrays: Record<string, Uint8Array>, level: 0 | 6 = 0): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])), { level });
}

/** A header as NumPy writes it. */
const header = (descr: string, shape: string, isFortran = false) =>
  `{'descr': '${descr}', 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shape}, }`;

test("sizes and dimensions that no array has are refused", () => {
  const read = (shape: string) => () => parseNpy(npyWithHeader(header("|u1", shape), "|u1", [1, 2]), "a");
  expect(read("(2L0, 1)")).toThrow('a: shape (2L0, 1): "2L0" is no size; write it with numpy.savez');
  expect(read(`(${"9".repeat(400)}, 0)`)).toThrow(/is no size/);
  expect(read(`(${"1,".repeat(100)})`)).toThrow("a: an array of 100 dimensions, at most 64 are read");
  expect(read("(2L, 1L)")().shape).toEqual([2, 1]);
});

describe("npy", () => {
  test.each(dtypes)("%s is read", (dtype) => {
    const values = dtype.endsWith("b1") ? [0, 1, 1, 1, 0, 1] : [0, 1, 2, 3, 100, 1];
    const array = parseNpy(npy(dtype, [2, 3], values), "a");
    expect(array.shape).toEqual([2, 3]);
    expect([...array.values]).toEqual(values);
    expect(array.notes).toEqual(dtype.startsWith("=") ? [`dtype ${dtype} is read as little-endian`] : []);
  });

  test("float64 stays float64, any other byte than 0 is true, float16 has its fractions", () => {
    expect([...parseNpy(npy("<f8", [2], [1_700_000_001.5, 0.1]), "a").values]).toEqual([1_700_000_001.5, 0.1]);
    expect([...parseNpy(npy("|b1", [3], [0, 1, 255]), "a").values]).toEqual([0, 1, 1]);
    expect([...parseNpy(npy(">f2", [3], [-1.5, 2048, 0.25]), "a").values]).toEqual([-1.5, 2048, 0.25]);
    // Smallest and largest subnormal, infinity and a NaN, as bits.
    const bits = npyWithHeader(header("<f2", "(4,)"), "<u2", [0x0001, 0x83ff, 0x7c00, 0x7e00]);
    expect([...parseNpy(bits, "a").values]).toEqual([2 ** -24, -1023 * 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  test("Fortran order is read as the same array, in two and three dimensions", () => {
    // Of [[1, 2, 3], [4, 5, 6]] the columns lie one after the other.
    const matrix = npyWithHeader(header(">i4", "(2, 3)", true), ">i4", [1, 4, 2, 5, 3, 6]);
    expect([...parseNpy(matrix, "a").values]).toEqual([1, 2, 3, 4, 5, 6]);
    const shape = [2, 3, 4];
    const wanted = Array.from({ length: 24 }, (_, i) => i);
    const stored = wanted.map((i) => ((i % 2) * shape[1] + (Math.floor(i / 2) % 3)) * shape[2] + Math.floor(i / 6));
    expect([...parseNpy(npyWithHeader(header("<f8", "(2, 3, 4)", true), "<f8", stored), "a").values]).toEqual(wanted);
    expect([...parseNpy(npyWithHeader(header("<f4", "(2,)", true), "<f4", [1, 2]), "a").values]).toEqual([1, 2]);
  });

  test("sizes of Python 2, double quotes, a single value", () => {
    const long = npyWithHeader(header("<f4", "(2L, 2L)"), "<f4", [1, 2, 3, 4]);
    expect(parseNpy(long, "a").shape).toEqual([2, 2]);
    const quotes = npyWithHeader(header("<f4", "(1,)").replaceAll("'", '"'), "<f4", [7]);
    expect([...parseNpy(quotes, "a").values]).toEqual([7]);
    expect(parseNpy(npyWithHeader(header("<f4", "()"), "<f4", [7]), "a").shape).toEqual([]);
  });

  test("integers that float64 does not hold are counted, others are exact", () => {
    const bytes = npy("<u8", [3], [0, 2 ** 53, 2 ** 60]);
    expect(parseNpy(bytes, "a")).toMatchObject({ notes: [] });
    // 2^53 + 1 lies between two numbers of float64.
    new DataView(bytes.buffer).setBigUint64(bytes.length - 16, 2n ** 53n + 1n, true);
    expect(parseNpy(bytes, "a")).toMatchObject({ notes: ["1 integers beyond 2^53 are rounded to float64"] });
    expect([...parseNpy(npy(">i8", [2], [-(2 ** 53), 5]), "a").values]).toEqual([-(2 ** 53), 5]);
  });

  test("texts, of both byte orders and of bytes", () => {
    expect(parseNpy(npyTexts(["a", "nö", "", "𝄞"], 2), "a").values).toEqual(["a", "nö", "", "𝄞"]);
    expect(parseNpy(npyTexts(["ja", "nö"], 3, ">"), "a").values).toEqual(["ja", "nö"]);
    const bytes = npyWithHeader(header("|S3", "(2,)"), "|u1", [...new TextEncoder().encode("ab\0nö")]);
    expect(parseNpy(bytes, "a").values).toEqual(["ab", "nö"]);
  });

  test("texts with zeros within them cost no time, and those at the end are no part of them", () => {
    const startedAt = performance.now();
    const size = 300_000;
    const fill = new Uint8Array(2 * size);
    fill[size - 1] = 97;
    const bytes = npyWithHeader(header(`|S${size}`, "(2,)"), "|u1", fill);
    expect((parseNpy(bytes, "a").values as string[]).map(({ length }) => length)).toEqual([size, 0]);
    const codes = npyWithHeader(header(`<U${size}`, "(1,)"), "<u4", fill.subarray(0, size));
    expect((parseNpy(codes, "a").values as string[]).map(({ length }) => length)).toEqual([size]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test("a header longer than any that NumPy writes for numbers is refused", () => {
    const long = (blanks: number) => npyWithHeader(header("<f4", `(1,)${" ".repeat(blanks)}`), "<f4", [7], 2);
    expect([...parseNpy(long(60_000), "a").values]).toEqual([7]);
    expect(() => parseNpy(long(70_000), "a")).toThrow(/^a: header of 70\d+ bytes, at most 65536 are read;/);
  });

  test("signs, fractions, versions 2 and 3, and an odd place in a buffer", () => {
    expect([...parseNpy(npy("<i8", [2], [-5, 7]), "a").values]).toEqual([-5, 7]);
    expect([...parseNpy(npy("<f8", [2], [0.1, -2.5], 2), "a").values]).toEqual([0.1, -2.5]);
    expect([...parseNpy(npy("<f4", [1], [0.5], 3), "a").values]).toEqual([0.5]);
    const file = npy("<f4", [1], [0.5]);
    const odd = new Uint8Array(file.length + 1);
    odd.set(file, 1);
    expect([...parseNpy(odd.subarray(1), "a").values]).toEqual([0.5]);
    expect(parseNpy(npy("|u1", [1], [3]), "a").values).toBeInstanceOf(Uint8Array);
  });

  const good = npy("<f4", [2, 2], [1, 2, 3, 4]);
  const version = good.slice();
  version[6] = 4;
  const longHeader = good.slice();
  longHeader[9] = 200;
  test.each([
    ["magic", good.subarray(1), "a: 143 bytes that do not start as .npy does; write it with numpy.savez"],
    ["version", version, "a: .npy version 4.0, versions 1 to 3 are read; write it with numpy.savez"],
    ["header", longHeader, "a: header of 51318 bytes in a file of 144; the file is cut short, write it again"],
    [
      "long double",
      npyWithHeader(header("<f16", "(1,)"), "<f8", [1, 0]),
      'a: dtype <f16 is not read (f2 f4 f8 b1 u1 i1 u2 i2 u4 i4 u8 i8 U and S are); convert with .astype("float64")',
    ],
    [
      "structured dtype",
      npyWithHeader("{'descr': [('x', '<f4'), ('y', '<i4')], 'fortran_order': False, 'shape': (1,), }", "<f4", [1]),
      "a: dtype of several fields (x, y) is not read; convert with numpy.lib.recfunctions.structured_to_unstructured",
    ],
    [
      "objects",
      npyWithHeader(header("|O", "(1,)"), "|u1", [128]),
      'a: dtype |O holds Python objects (pickle), which are not read: convert with .astype("float64"), or labels with .astype("str")',
    ],
    [
      "complex",
      npyWithHeader(header("<c16", "(1,)"), "<f8", [1, 1]),
      "a: dtype <c16 holds complex numbers, which are not read: store .real and .imag, or numpy.abs, as columns",
    ],
    [
      "dates",
      npyWithHeader(header("<M8[ns]", "(1,)"), "<i8", [1]),
      'a: dtype <M8[ns] holds dates, which are not read: convert with .astype("int64")',
    ],
    [
      "raw bytes",
      npyWithHeader(header("|V2", "(1,)"), "<u2", [1]),
      'a: dtype |V2 holds raw bytes, which are not read: convert with .astype("float32") before it is saved',
    ],
    [
      "no shape",
      npyWithHeader("{'descr': '<f4', 'fortran_order': False, }", "<f4", [1]),
      `a: header "{'descr': '<f4', 'fortran_order': False, }" lacks fortran_order or shape; write it with numpy.savez`,
    ],
    [
      "cut short",
      good.subarray(0, good.length - 1),
      "a: shape (2,2) of <f4 needs 16 bytes, 15 follow the header; the file is damaged, write it again",
    ],
    [
      "too long",
      npy("<f4", [2, 2], [1, 2, 3, 4, 5]),
      "a: shape (2,2) of <f4 needs 16 bytes, 20 follow the header; the file is damaged, write it again",
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => parseNpy(bytes, "a")).toThrow(new InputError(message));
  });
});

const train = {
  x_train: npy("<f8", [4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  y_train: npy("<i8", [4], [0, 1, 2, 1]),
};
const testArrays = { x_test: npy("<f4", [2, 3], [0, 0, 0, 1, 1, 1]), y_test: npy("<i8", [2], [2, 0]) };
const good = { ...train, ...testArrays };

describe("npz", () => {
  test("arrays that do not fit each other or main memory are refused before they are unpacked", () => {
    const many = npyWithHeader(header("|u1", "(1000000, 1)"), "|u1", new Uint8Array(1_000_000));
    const [x_train, y_train] = [many, npy("|u1", [1_000_000], new Uint8Array(1_000_000))];
    expect(() => parseNpz(npz({ x_train, y_train: npy("<i8", [4], [0, 1, 2, 1]) }, 6), "a.npz")).toThrow(
      "a.npz: y_train has 4 samples, x_train has 1000000; make them equal",
    );
    expect(parseNpz(npz({ x_train, y_train }, 6), "a.npz", 5e6).train.samples).toBe(1_000_000);
    expect(() => parseNpz(npz({ x_train, y_train }, 6), "a.npz", 3e6)).toThrow(
      /^a\.npz: its arrays unpack to 2000256 bytes, which take 4\.0 MB of main memory, and this process may use 3\.0 MB;/,
    );
  });

  test.each([0, 6] as const)("four arrays, compression %d, make a dataset with one multi-class task", (level) => {
    const dataset = npzDataset(npz(good, level), "folder/my.data.npz", { dataSeed: 0 });
    expect(dataset.name).toBe("my.data");
    expect([dataset.inputs, dataset.outputs, dataset.coverage]).toEqual([3, 3, "output"]);
    expect(dataset.tasks).toEqual([
      { name: "task", kind: "multiclass", inputs: { start: 0, count: 3 }, outputs: { start: 0, count: 3 } },
    ]);
    const [far, near] = [4.5 / Math.sqrt(11.25), 1.5 / Math.sqrt(11.25)].map(Math.fround);
    expect([...dataset.train.features]).toEqual([-far, -near, near, far].flatMap((value) => [value, value, value]));
    expect([...dataset.train.labels]).toEqual([0, 1, 2, 1]);
    expect([...dataset.validation.labels]).toEqual([2, 0]);
    expect([...dataset.mean, ...dataset.scale]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test("a Unix time in float64 is standardised before it is rounded", () => {
    const time = Array.from({ length: 60 }, (_, i) => 1_700_000_000 + i);
    const arrays = {
      x_train: npy("<f8", [60, 1], time),
      y_train: npy(
        "<i8",
        [60],
        [...time.keys()].map((i) => i % 2),
      ),
      x_test: npy("<f8", [2, 1], [1_700_000_029, 1_700_000_030]),
      y_test: npy("<i8", [2], [0, 1]),
    };
    const { train, validation, mean, scale } = npzDataset(npz(arrays), "a.npz", { dataSeed: 0 });
    const deviation = Math.sqrt((60 ** 2 - 1) / 12);
    const seen = Array.from(train.features, (value) => (value - mean[0]) * scale[0]);
    seen.forEach((value, i) => {
      expect(value).toBeCloseTo((i - 29.5) / deviation, 6);
    });
    expect((validation.features[0] - mean[0]) * scale[0]).toBeCloseTo(-0.5 / deviation, 6);
    // Without standardisation f32 has the last word: it holds such times to 128 s.
    const raw = npzDataset(npz(arrays), "a.npz", { dataSeed: 0, standardize: false });
    expect(raw.train.features[0]).toBe(Math.fround(1_700_000_000));
    // A part held out later gets the constants of what is left.
    const divided = validationSplit(npzDataset(npz(arrays), "a.npz", { dataSeed: 0 }), 0.5, 0);
    const left = Array.from(divided.train.features, (value) => (value - divided.mean[0]) * divided.scale[0]);
    expect(left.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    expect(left.reduce((sum, value) => sum + value ** 2, 0) / left.length).toBeCloseTo(1, 5);
  });

  test("one split of bytes and one of floats are standardised alike", () => {
    const x_train = npy("|u1", [4, 1], [0, 2, 4, 6]);
    const arrays = { ...good, x_train, x_test: npy("<f4", [2, 1], [2, 4.5]) };
    const { train, validation } = npzDataset(npz(arrays), "a.npz", { dataSeed: 0 });
    expect(train.features[1]).toBe(validation.features[0]);
  });

  test("values beyond f32 are refused by column, unless they are standardised into it", () => {
    const far = { ...good, x_train: npy("<f8", [4, 3], [1e100, 2, 3, 2e100, 5, 6, 3e100, 8, 9, 4e100, 11, 12]) };
    const arrays = { ...far, x_test: npy("<f8", [2, 3], [1e100, 0, 0, 1e100, 1, 1]) };
    expect(npzDataset(npz(arrays), "a.npz", { dataSeed: 0 }).train.features[0]).toBeCloseTo(-1.34164, 5);
    expect(() => npzDataset(npz(arrays), "a.npz", { dataSeed: 0, standardize: false })).toThrow(
      new InputError(
        "a.npz: input column 1: 1e+100 is beyond f32 (mean 0, 1 / standard deviation 1); correct the value, or divide the column by a power of 10",
      ),
    );
    const wide = { ...good, x_train: npy("<f8", [4, 3], [1e300, 2, 3, -1e300, 5, 6, 0, 8, 9, 0, 11, 12]) };
    expect(() => npzDataset(npz(wide), "a.npz", { dataSeed: 0 })).toThrow(
      "a.npz: input column 1: its values, such as 1e+300, are too far apart for a standard deviation in float64;",
    );
  });

  test("targets as a column, as floats, in any order of bytes and indices", () => {
    const wanted = npzDataset(npz(good), "a.npz", { dataSeed: 0 });
    const column = npyWithHeader(header(">f8", "(4L, 1L)", true), ">f8", [0, 1, 2, 1]);
    const x_train = npyWithHeader(header("<f8", "(4, 3)", true), "<f8", [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
    expect(npzDataset(npz({ ...good, x_train, y_train: column }), "a.npz", { dataSeed: 0 })).toEqual(wanted);
  });

  test("tasks by position share inputs, and inputs of no task are left out", () => {
    const tasks = [
      { name: "a", inputs: [0, 2], targets: [0] },
      { name: "b", inputs: [2], targets: [0], kind: "mse" },
    ];
    const dataset = npzDataset(npz(good), "a.npz", { dataSeed: 0, tasks, standardize: false });
    expect(dataset.tasks.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [
        { start: 0, count: 2 },
        { start: 0, count: 3 },
      ],
      [
        { start: 1, count: 1 },
        { start: 3, count: 1 },
      ],
    ]);
    expect([...dataset.train.features]).toEqual([1, 3, 4, 6, 7, 9, 10, 12]);
    expect(dataset.notes).toEqual(["a.npz: columns of no task left out, by position from 0: 1"]);
    expect(dataset.inputNames).toEqual(["x[:,0]", "x[:,2]"]);
    expect(npzDataset(npz(good), "a.npz", { dataSeed: 0, tasks: "a:0+2:0..0,b:2:0:mse", standardize: false })).toEqual(
      dataset,
    );
  });

  test("texts as targets are classes, the same in both splits, and a note says which", () => {
    const arrays = {
      ...good,
      y_train: npyTexts(["setosa", "virginica", "setosa", "versi"], 9),
      y_test: npyTexts(["virginica", "setosa"], 9, ">"),
    };
    const { tasks, train, validation, notes } = npzDataset(npz(arrays), "a.npz", { dataSeed: 0 });
    expect([[...train.labels], [...validation.labels]]).toEqual([
      [0, 2, 0, 1],
      [2, 0],
    ]);
    expect(tasks[0].classes).toEqual(["setosa", "versi", "virginica"]);
    expect(notes).toEqual(['a.npz: classes of task "task": setosa is 0, versi is 1, virginica is 2']);
    expect(() => parseNpz(npz({ ...arrays, y_test: good.y_test }), "a.npz")).toThrow(
      "a.npz: the targets of one split are texts, those of the other numbers; make them equal",
    );
    // As .astype("str") writes what is missing.
    const missing = { ...arrays, y_train: npyTexts(["setosa", "virginica", "nan", ""], 9) };
    expect(() => parseNpz(npz(missing), "a.npz")).toThrow(
      'a.npz: y_train[2,0]: no value ("nan"); fill or drop such values',
    );
    const words = { ...good, x_train: npyTexts(["1", "2", "3", "4"], 1) };
    expect(() => parseNpz(npz(words), "a.npz")).toThrow("a.npz: x_train has shape (4)");
  });

  const [x, y] = [train.x_train, train.y_train];
  test.each([
    ["capitals", { X_train: x, y_train: y }, ["a.npz: takes X_train as x_train"]],
    ["one pair", { X: x, y }, ["a.npz: takes X as x_train, y as y_train"]],
    ["scikit-learn's", { data: x, target: y }, ["a.npz: takes data as x_train, target as y_train"]],
    ["unnamed", { arr_0: x, arr_1: y }, ["a.npz: takes arr_0 as x_train, arr_1 as y_train"]],
    ["more than is used", { x_train: x, y_train: y, w: y, ids: y }, ["a.npz: not used: w, ids"]],
    ["exact names before others", { x_train: x, y_train: y, X_TRAIN: y }, ["a.npz: not used: X_TRAIN"]],
    ["the usual names", { x_train: x, y_train: y }, []],
  ])("names of arrays: %s", (_, arrays, notes) => {
    const tables = parseNpz(npz(arrays), "a.npz");
    expect([tables.train.inputs, tables.test, tables.notes]).toEqual([3, undefined, notes]);
  });

  test("other names of both splits", () => {
    const { x_train, y_train, x_test, y_test } = good;
    const arrays = { train_images: x_train, train_labels: y_train, test_images: x_test, test_labels: y_test };
    const { test: held, notes } = parseNpz(npz(arrays), "a.npz");
    expect(held?.samples).toBe(2);
    expect(notes).toEqual([
      "a.npz: takes train_images as x_train, train_labels as y_train, test_images as x_test, test_labels as y_test",
    ]);
  });

  test("integers that are rounded are told by array", () => {
    const x_train = npy("<i8", [2, 1], [5, 2 ** 60]);
    new DataView(x_train.buffer).setBigInt64(x_train.length - 8, 2n ** 60n + 1n, true);
    expect(parseNpz(npz({ x_train, y_train: npy("|u1", [2], [0, 1]) }), "a.npz").notes).toEqual([
      "a.npz: x_train: 1 integers beyond 2^53 are rounded to float64",
    ]);
  });

  test("bytes stay bytes and images are flattened", () => {
    const arrays = {
      ...good,
      x_train: npy("|u1", [4, 3, 1], new Uint8Array(12)),
      x_test: npy("|u1", [2, 1, 3], [1, 2, 3, 4, 5, 6]),
    };
    const dataset = npzDataset(npz(arrays), "a.npz", { dataSeed: 0, standardize: false });
    expect(dataset.validation.features).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect([...dataset.mean, ...dataset.scale]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test("without a test split a part is held out", () => {
    const dataset = npzDataset(npz(train), "a.npz", { dataSeed: 0, holdout: 0.5 });
    expect([dataset.train.samples, dataset.validation.samples]).toEqual([2, 2]);
    expect(() => npzDataset(npz(good), "a.npz", { dataSeed: 0, holdout: 0.5 })).toThrow(
      "holdout: 0.5 is given, but a.npz has its own x_test and y_test; drop one of them",
    );
  });

  test("two binary tasks and one-hot columns", () => {
    const tasks = "a:1:1,b:2:3";
    const y = npy("|b1", [2, 4], [1, 0, 0, 1, 0, 1, 0, 0]);
    const arrays = {
      x_train: npy("<f4", [2, 3], [1, 2, 3, 4, 5, 6]),
      y_train: y,
      x_test: testArrays.x_test,
      y_test: y,
    };
    const dataset = npzDataset(npz(arrays), "a.npz", { dataSeed: 0, tasks, coverage: "output" });
    expect([...dataset.train.labels]).toEqual([1, 0, 2, 0]);
    expect(dataset.coverage).toBe("output");
  });

  const { y_train: _, ...withoutLabels } = good;
  const damaged = npz(good);
  const tooLarge = npz(good);
  const directory = tooLarge.findIndex((_, at) => tooLarge.subarray(at, at + 4).join() === "80,75,1,2");
  // The unpacked size of the first member, x_train.
  new DataView(tooLarge.buffer).setUint32(directory + 24, 2 ** 31, true);
  // A bit of the first array's values: 30 bytes and its name precede it.
  damaged[30 + "x_train.npy".length + train.x_train.length - 1] ^= 1;
  test.each([
    [
      "no zip",
      Uint8Array.of(1, 2, 3),
      "a.npz: 3 bytes that cannot be read as a zip file (invalid zip data); write it with numpy.savez",
    ],
    [
      "missing array",
      npz(withoutLabels),
      "a.npz: array y_train is missing (it holds x_train, x_test, y_test); write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)",
    ],
    [
      "half a test split",
      npz({ ...train, y_test: testArrays.y_test }),
      "a.npz: array x_test is missing (it holds x_train, y_train, y_test); write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)",
    ],
    [
      "no arrays",
      zipSync({ "a.txt": Uint8Array.of(1) }),
      "a.npz: array x_train and y_train is missing (it holds no arrays)",
    ],
    [
      "four unnamed arrays",
      npz({ arr_0: x, arr_1: y, arr_2: x, arr_3: y }),
      "a.npz: array x_train and y_train is missing (it holds arr_0, arr_1, arr_2, arr_3); write",
    ],
    [
      "names that differ in case",
      npz({ X_train: x, X_TRAIN: x, y_train: y }),
      "a.npz: the arrays X_train and X_TRAIN differ in case only; keep one of them",
    ],
    [
      "texts as inputs",
      npz({ ...good, x_train: npyWithHeader(header("<U1", "(4, 1)"), "<u4", [97, 98, 99, 100]) }),
      'a.npz: x_train holds texts ("a"); give numbers, such as .astype("float32") gives',
    ],
    [
      "a single value",
      npz({ ...good, x_train: npyWithHeader(header("<f4", "()"), "<f4", [1]) }),
      "a.npz: x_train has shape (), y_train (4); samples x inputs",
    ],
    [
      "a damaged array",
      damaged,
      /^a.npz: \d+ bytes that cannot be read as a zip file \("x_train.npy" is damaged: its CRC-32 is/,
    ],
    [
      "arrays that unpack to more than any device takes",
      tooLarge,
      `a.npz: its arrays unpack to ${2 ** 31 + 160 + 152 + 144} bytes, at most 2147483648 are read; save fewer samples, or .astype("float32")`,
    ],
    [
      "flat x",
      npz({ ...good, x_train: npy("<f4", [4], [1, 2, 3, 4]) }),
      "a.npz: x_train has shape (4), y_train (4); samples x inputs and samples or samples x targets are needed; for one input a sample, give .reshape(-1, 1)",
    ],
    [
      "samples",
      npz({ ...good, y_train: npy("<i8", [3], [0, 1, 2]) }),
      "a.npz: y_train has 3 samples, x_train has 4; make them equal",
    ],
    [
      "no samples",
      npz({ ...good, x_train: npy("<f4", [0, 3], []), y_train: npy("<i8", [0], []) }),
      "a.npz: x_train has shape (0,3), y_train (0); at least 1 sample and 1 column are needed",
    ],
    [
      "columns",
      npz({ ...good, x_test: npy("<f4", [2, 2], [1, 2, 3, 4]) }),
      "a.npz: x_test has 2 columns, x_train has 3; make them equal",
    ],
    [
      "not finite",
      npz({ ...good, x_test: npy("<f4", [2, 3], [1, 2, 3, 4, Number.NaN, 6]) }),
      "a.npz: x_test[1,1]: NaN is not a finite number; replace or drop such values",
    ],
    [
      "infinite",
      npz({ ...good, x_test: npy("<f8", [2, 3], [Number.POSITIVE_INFINITY, 2, 3, 4, 5, 6]) }),
      "a.npz: x_test[0,0]: Infinity is not a finite number; replace or drop such values",
    ],
    [
      "malformed array",
      npz({ ...good, x_test: Uint8Array.of(1, 2) }),
      "a.npz: x_test: 2 bytes that do not start as .npy does",
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => parseNpz(bytes, "a.npz")).toThrow(message);
  });
});
