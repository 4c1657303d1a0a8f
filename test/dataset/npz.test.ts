import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { parseNpy } from "../../src/dataset/npy.ts";
import { parseNpz } from "../../src/dataset/npz.ts";
import { npzDataset } from "../../src/dataset/own_data.ts";
import { dtypes, npy, npyWithHeader } from "./npy_file.ts";

function npz(arrays: Record<string, Uint8Array>, level: 0 | 6 = 0): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])), { level });
}

describe("npy", () => {
  test.each(dtypes)("%s is read", (dtype) => {
    expect(parseNpy(npy(dtype, [2, 3], [0, 1, 2, 3, 100, 1]), "a").shape).toEqual([2, 3]);
    expect([...parseNpy(npy(dtype, [2, 3], [0, 1, 2, 3, 100, 1]), "a").values]).toEqual([0, 1, 2, 3, 100, 1]);
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
      "dtype",
      npyWithHeader("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "<f4", [1]),
      'a: dtype >f4 is not read (<f4 <f8 |u1 |b1 |i1 <u2 <i2 <u4 <i4 <u8 <i8 are); convert with .astype("float32")',
    ],
    [
      "structured dtype",
      npyWithHeader("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "<f4", [1]),
      'a: dtype of several fields is not read (<f4 <f8 |u1 |b1 |i1 <u2 <i2 <u4 <i4 <u8 <i8 are); convert with .astype("float32")',
    ],
    [
      "order",
      npyWithHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }", "<f4", [1, 2]),
      "a: fortran_order True, row-major is read; convert with numpy.ascontiguousarray",
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
  test.each([0, 6] as const)("four arrays, compression %d, make a dataset with one multi-class task", (level) => {
    const dataset = npzDataset(npz(good, level), "folder/my.data.npz", { dataSeed: 0 });
    expect(dataset.name).toBe("my.data");
    expect([dataset.inputs, dataset.outputs, dataset.coverage]).toEqual([3, 3, "total"]);
    expect(dataset.tasks).toEqual([
      { name: "task", kind: "multiclass", inputs: { start: 0, count: 3 }, outputs: { start: 0, count: 3 } },
    ]);
    const [far, near] = [4.5 / Math.sqrt(11.25), 1.5 / Math.sqrt(11.25)].map(Math.fround);
    expect([...dataset.train.features]).toEqual([-far, -near, near, far].flatMap((value) => [value, value, value]));
    expect([...dataset.train.labels]).toEqual([0, 1, 2, 1]);
    expect([...dataset.validation.labels]).toEqual([2, 0]);
    expect([...dataset.mean, ...dataset.scale]).toEqual([0, 0, 0, 1, 1, 1]);
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
  test.each([
    [
      "no zip",
      Uint8Array.of(1, 2, 3),
      "a.npz: 3 bytes are not a zip file (invalid zip data); write it with numpy.savez",
    ],
    [
      "missing array",
      npz(withoutLabels),
      "a.npz: array y_train is missing; write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)",
    ],
    [
      "half a test split",
      npz({ ...train, y_test: testArrays.y_test }),
      "a.npz: array x_test is missing; write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)",
    ],
    [
      "flat x",
      npz({ ...good, x_train: npy("<f4", [4], [1, 2, 3, 4]) }),
      "a.npz: x_train has shape (4), y_train (4); samples x inputs and samples or samples x targets are needed",
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
