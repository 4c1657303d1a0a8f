import fc from "fast-check";
import { expect, it } from "vitest";
import { scoreKey } from "../../src/pruning/score_key.ts";

it("has the bits of an f32 as its key", () => {
  expect([0, -0, 2 ** -149, 2 ** -126, 1, 3.4028234663852886e38].map(scoreKey)).toEqual([
    0, 0, 1, 0x00800000, 0x3f800000, 0x7f7fffff,
  ]);
  expect(scoreKey(Number.POSITIVE_INFINITY)).toBe(0x7f800000);
});

it("orders as the scores do", () => {
  const score = fc.float({ min: 0, noNaN: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      expect(Math.sign(scoreKey(a) - scoreKey(b))).toBe(Math.sign(a - b));
    }),
  );
});
