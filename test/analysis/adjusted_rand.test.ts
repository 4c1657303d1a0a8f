import { expect, it } from "vitest";
import { adjustedRandIndex } from "../../src/analysis/adjusted_rand.ts";

/** By its definition over pairs of things: agreements less those expected, over the most less those expected. */
function byPairs(a: readonly number[], b: readonly number[]): number {
  let [both, inA, inB, pairs] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      pairs++;
      inA += Number(a[i] === a[j]);
      inB += Number(b[i] === b[j]);
      both += Number(a[i] === a[j] && b[i] === b[j]);
    }
  }
  const expected = (inA * inB) / pairs;
  return (both - expected) / ((inA + inB) / 2 - expected);
}

it("the adjusted Rand index is that of pairs, 1 for the same partition under other names, and negative below chance", () => {
  const a = [0, 0, 0, 1, 1, 1];
  // The example of scikit-learn's documentation: 0.24242424...
  expect(adjustedRandIndex(a, [0, 0, 1, 1, 2, 2])).toBeCloseTo(0.24242424242424243, 15);
  expect(adjustedRandIndex(a, [0, 0, 1, 1, 2, 2])).toBeCloseTo(byPairs(a, [0, 0, 1, 1, 2, 2]), 15);
  expect(adjustedRandIndex(a, [7, 7, 7, 3, 3, 3])).toBe(1);
  expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 15);
  expect(adjustedRandIndex([0, 0, 0], [5, 5, 5])).toBe(1);
  expect(adjustedRandIndex([0, 1, 2], [2, 0, 1])).toBe(1);
  expect(adjustedRandIndex([], [])).toBe(1);
});
