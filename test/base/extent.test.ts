import { expect, it } from "vitest";
import { extent } from "../../src/base/extent.ts";

it("finds the lowest and the highest of more numbers than a call takes arguments", () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, i) => ((i * 7919) % 1_000_003) - 5);
  expect(extent(values)).toEqual([-5, values.toSorted()[values.length - 1]]);
  expect(extent([])).toEqual([Infinity, -Infinity]);
});
