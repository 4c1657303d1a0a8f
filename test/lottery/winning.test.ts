import fc from "fast-check";
import { expect, it } from "vitest";
import { isWinning } from "../../src/lottery/winning.ts";

it.each([
  [{ a: 0.99, b: 0.98 }, true, "both tasks exactly at the tolerance"],
  [{ a: 0.989, b: 1 }, false, "one task has lost more, though the mean rose"],
  [{ a: 1, b: 0.979 }, false, "the other has"],
  [{ a: 1, b: 1 }, true, "both gained"],
])("%j against 1.00 and 0.99 with tolerance 0.01: %s (%s)", (accuracy, wins) => {
  expect(isWinning(accuracy, { a: 1, b: 0.99 }, 0.01)).toBe(wins);
});

it("at exactly the tolerance wins and one sample less loses, however the division rounds", () => {
  const counts = fc
    .integer({ min: 1, max: 1_000_000 })
    .chain((samples) => fc.tuple(fc.constant(samples), fc.nat(samples), fc.nat(samples)));
  fc.assert(
    fc.property(counts, ([samples, before, given]) => {
      const lost = Math.min(before, given);
      const wins = (right: number) => isWinning({ a: right / samples }, { a: before / samples }, lost / samples);
      expect(wins(before - lost)).toBe(true);
      expect(wins(before - lost - 1)).toBe(false);
    }),
    { numRuns: 2000 },
  );
  // Half of 60,000 images minus 1 %: in floating point, 0.5 - 0.01 is above 0.49.
  const wins = (right: number) => isWinning({ a: right / 60_000 }, { a: 0.5 }, 0.01);
  expect([wins(29_400), wins(29_399)]).toEqual([true, false]);
});
