import fc from "fast-check";
import { expect, it } from "vitest";
import { lowerKey, scoreKey, upperKeys } from "../../src/pruning/score_key.ts";

it("has the bits of an f32 as its key", () => {
  expect([0, -0, 2 ** -149, 2 ** -126, 1, 3.4028234663852886e38].map(scoreKey)).toEqual([
    0, 0, 1, 0x00800000, 0x3f800000, 0x7f7fffff,
  ]);
  expect(scoreKey(Number.POSITIVE_INFINITY)).toBe(0x7f800000);
});

it("orders as the scores do", () => {
  const score = fc.float({ min: 0, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      expect(Math.sign(scoreKey(a) - scoreKey(b))).toBe(Math.sign(a - b));
    }),
  );
});

it("orders float64 scores of any sign by keys of two halves, both zeros alike", () => {
  const rank = (score: number) => {
    const scores = Float64Array.of(0, score).subarray(1);
    return (BigInt(upperKeys(scores)[0]) << 32n) | BigInt(lowerKey(scores, 0));
  };
  expect(rank(0)).toBe(rank(-0));
  const ordered = [-Infinity, -1e300, -1 - 2 ** -52, -1, -(2 ** -1074), 0, 2 ** -1074, 1, 1 + 2 ** -52, 2, Infinity];
  ordered.slice(1).forEach((score, n) => {
    expect(rank(ordered[n]) < rank(score), `${ordered[n]} before ${score}`).toBe(true);
  });
  const score = fc.double({ noNaN: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      const [before, after] = [rank(a), rank(b)];
      expect(before < after ? -1 : before > after ? 1 : 0).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  expect(() => upperKeys(Float64Array.of(1, Number.NaN))).toThrow("score 1 is not a number");
});
