import { expect, it } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import { shareDifference, wilsonInterval } from "../../src/report/wilson.ts";

it("is the published interval of 81 of 263", () => {
  // R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table
  // I.
  const { low, high } = wilsonInterval(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
});

it.each([
  [0, 4],
  [1, 4],
  [3, 4],
  [4, 4],
  [8, 20],
  [99, 100],
])("bounds %i of %i where the score test just rejects", (successes, trials) => {
  const { share, low, high } = wilsonInterval(successes, trials);
  expect(share).toBe(successes / trials);
  for (const bound of [low, high]) {
    const isEnd = bound === 0 || bound === 1;
    const score = Math.abs(share - bound) / Math.sqrt((bound * (1 - bound)) / trials);
    if (isEnd) expect(bound).toBe(share);
    else expect(score).toBeCloseTo(1.959964, 5);
  }
});

it("refuses a share that is none", () => {
  expect(() => wilsonInterval(5, 4)).toThrow(InternalError);
  expect(() => wilsonInterval(0, 0)).toThrow(InternalError);
});

// Newcombe 1998 (see the source), table II, method 10.
it.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [10, 10, 0, 10, 0.6075, 1],
])("the difference of %i of %i and %i of %i lies from %f to %f", (a, n, b, m, low, high) => {
  const difference = shareDifference(wilsonInterval(a, n), wilsonInterval(b, m));
  expect(difference.low).toBeCloseTo(low, 4);
  expect(difference.high).toBeCloseTo(high, 4);
});
