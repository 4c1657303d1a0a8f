import { expect, test } from "vitest";
import { levelEnginesLine } from "../../src/report/level_engines.ts";
import { levelRecord } from "../store/records.ts";

test("names the levels where the kernels change, and is undefined where they do not", () => {
  const levels = (...engines: ("dense" | "sparse" | "resident")[]) =>
    engines.map((engine, level) => levelRecord({ level, engine }));
  expect(levelEnginesLine(levels("dense", "dense", "sparse", "resident", "resident"))).toBe(
    "trained by dense kernels (levels 0-1), sparse (2), resident (3-4)",
  );
  expect(levelEnginesLine(levels("resident", "resident"))).toBeUndefined();
  expect(levelEnginesLine([])).toBeUndefined();
});
