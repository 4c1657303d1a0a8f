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
