import { expect, it } from "vitest";
import { scoreDomain } from "../../../src/web/views/score_axis.ts";

it.each([
  ["near the best", [0.99, 1], [0.94, 1]],
  ["of a lost task", [0.5, 1], [0.49, 1]],
  ["at 0", [0, 1], [0, 1]],
  ["below 0", [-1.5, 0.2], [-1.55, 1]],
])("the axis holds scores %s", (_, scores, [low, high]) => {
  expect(scoreDomain(scores)[0]).toBeCloseTo(low, 10);
  expect(scoreDomain(scores)[1]).toBe(high);
});
