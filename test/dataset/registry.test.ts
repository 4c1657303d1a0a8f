import { expect, test } from "vitest";
import type { z } from "zod";
import { keyTexts } from "../../src/base/key_texts.ts";
import { checkOptions } from "../../src/dataset/options.ts";
import {
  dataFiles,
  datasetEntry,
  datasetOptions,
  datasets,
  isDataPath,
  namedDatasetKeys,
} from "../../src/dataset/registry.ts";

test("every dataset and kind of file says what it is, and every option what to give", () => {
  for (const { name, summary, options } of [...datasets.entries, ...dataFiles.entries]) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(summary).not.toBe("");
    for (const [key, schema] of Object.entries(options)) {
      const text = keyTexts.get(schema as z.ZodType);
      expect(text?.give, `${name}, ${key}`).toMatch(/^(an?|true|name|auto)\b/);
      expect(text?.label, `${name}, ${key}`).toMatch(/^[A-Z]/);
      expect(text?.meaning, `${name}, ${key}`).toMatch(/^\w/);
      // Each option may be left out.
      expect((schema as z.ZodType).safeParse(undefined).success).toBe(true);
    }
  }
});

test("the options of all datasets make the keys of a spec, those of own data last", () => {
  const own = ["tasks", "standardize", "holdout", "header"];
  expect(Object.keys(datasetOptions)).toEqual([...namedDatasetKeys, ...own]);
  expect(namedDatasetKeys).toEqual([
    ...["samples", "noise", "dependence", "factor", "curves", "graph", "bits"],
    ...["samplesPerClass", "classes"],
  ]);
});

test("own data is known by the ending of its path, in any case", () => {
  expect(["a.csv", "b/c.NPZ", ".csv"].map(isDataPath)).toEqual([true, true, true]);
  expect(["a.tsv", "numbers.TXT", "a.dat", "iris.data"].map((path) => datasetEntry(path).name)).toEqual(
    Array(4).fill("csv"),
  );
  expect(["csv", "a.csv/b", "a.json", "moons-circles", ""].map(isDataPath)).toEqual(Array(5).fill(false));
});

test("an option that says what holds anyway is the same as none, where the dataset says what holds", () => {
  expect(checkOptions("moons-circles", { samples: 2000, noise: 0.1, factor: 0.3 })).toEqual({ factor: 0.3 });
  // Run folders of specs with this option have it in their names.
  expect(checkOptions("mnist-fashion-half", { samplesPerClass: 3000 })).toEqual({ samplesPerClass: 3000 });
  expect(checkOptions("a.csv", { standardize: true, holdout: undefined, lr: 3 })).toEqual({ standardize: true });
});
