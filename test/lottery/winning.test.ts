import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWinning } from "../../src/lottery/winning.ts";

const scores = (valAccuracy: Record<string, number>, valBalancedAccuracy = valAccuracy, lost: string[] = []) => ({
  valAccuracy,
  valBalancedAccuracy,
  lost,
});
const dense = scores({ a: 1, b: 0.99 });

describe.each(["accuracy", "balanced accuracy"])("the %s of every task counts", (which) => {
  it.each([
    [{ a: 0.99, b: 0.98 }, true, "both tasks exactly at the tolerance"],
    [{ a: 0.989, b: 1 }, false, "one task has lost more, though the mean rose"],
    [{ a: 1, b: 0.979 }, false, "the other has"],
    [{ a: 1, b: 1 }, true, "both gained"],
  ])("%j against 1.00 and 0.99 with tolerance 0.01: %s (%s)", (changed, wins) => {
    const { valAccuracy } = dense;
    const level = which === "accuracy" ? scores(changed, valAccuracy) : scores(valAccuracy, changed);
    expect(isWinning(level, dense, 0.01)).toBe(wins);
  });
});

describe("a lost task", () => {
  it("never wins, whatever the tolerance, at level 0 either", () => {
    const level = scores({ a: 0.98, b: 0.99 }, { a: 0.5, b: 0.99 }, ["a"]);
    expect(isWinning(level, dense, 1)).toBe(false);
    expect(isWinning(level, level, 0.01)).toBe(false);
    expect(isWinning({ ...level, lost: [] }, level, 0.01)).toBe(true);
  });
});

describe("level 0 of an older version, which stored no balanced accuracy", () => {
  it("is compared by what it has", () => {
    const before = { valAccuracy: dense.valAccuracy };
    expect(isWinning(scores({ a: 1, b: 0.99 }, { a: 0.5, b: 0.5 }), before, 0.01)).toBe(true);
    expect(isWinning(scores({ a: 0.98, b: 0.99 }), before, 0.01)).toBe(false);
    expect(isWinning(scores({ a: 1, b: 0.99 }, { a: 1, b: 1 }, ["b"]), before, 0.01)).toBe(false);
  });
});

it("at exactly the tolerance wins and one sample less loses, however the division rounds", () => {
  const counts = fc
    .integer({ min: 1, max: 1_000_000 })
    .chain((samples) => fc.tuple(fc.constant(samples), fc.nat(samples), fc.nat(samples)));
  fc.assert(
    fc.property(counts, ([samples, before, given]) => {
      const fall = Math.min(before, given);
      const wins = (right: number) =>
        isWinning(scores({ a: right / samples }), scores({ a: before / samples }), fall / samples);
      expect(wins(before - fall)).toBe(true);
      expect(wins(before - fall - 1)).toBe(false);
    }),
    { numRuns: 2000 },
  );
  // Half of 60,000 images minus 1 %: in floating point, 0.5 - 0.01 is above 0.49.
  const wins = (right: number) => isWinning(scores({ a: right / 60_000 }), scores({ a: 0.5 }), 0.01);
  expect([wins(29_400), wins(29_399)]).toEqual([true, false]);
});
