import { expect, it } from "vitest";
import { levelsAtOnce } from "../../../src/engine/shared/level_pump.ts";

it.each([
  [1, 2, 1],
  [2, 2, 2],
  [5, 16, 5],
  [3, 2, 2],
  [7, 2, 2],
  [8, 2, 4],
  [32, 2, 16],
  [33, 16, 16],
  [5, 1, 2],
])("of %i levels, %i of which train side by side, %i train at once", (all, sideBySide, expected) => {
  expect(levelsAtOnce(all, sideBySide)).toBe(expected);
});
