import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalNumber, numberIn } from "../../../src/dataset/csv/decimal.ts";

/** Splits digits as the reader does. */
function byDigits(digits: string, exponent: number): number {
  return decimalNumber(
    Number(digits.slice(0, 15)),
    Number(digits.slice(15) || 0),
    Math.max(0, digits.length - 15),
    exponent,
  );
}

test("gives what Number gives, or NaN, for up to 19 digits", () => {
  let sure = 0;
  const anyDigits = fc.stringMatching(/^[1-9][0-9]{0,18}$/);
  fc.assert(
    fc.property(anyDigits, fc.integer({ min: -30, max: 30 }), (digits, exponent) => {
      const value = byDigits(digits, exponent);
      if (Number.isNaN(value)) return;
      sure++;
      expect(value).toBe(Number(`${digits}e${exponent}`));
    }),
    { numRuns: 20_000 },
  );
  expect(sure).toBeGreaterThan(10_000);
});

test("gives the doubles that the shortest texts write, and does not guess between two", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (value) => {
      const [, whole, decimals = ""] = /^(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
      const digits = `${whole}${decimals}`.replace(/^0+/, "");
      if (digits === "" || digits.length > 19) return;
      const read = byDigits(digits, -decimals.length);
      expect(Number.isNaN(read) ? value : read).toBe(value);
    }),
    { numRuns: 20_000 },
  );
  // Half way between 2^53 and the next double: rounds to even, which the error bound cannot tell.
  expect(byDigits("9007199254740993", 0)).toBeNaN();
  expect(byDigits("9007199254740995", 0)).toBeNaN();
  expect(byDigits("9007199254740997", 0)).toBeNaN();
  expect(byDigits("9007199254740994", 0)).toBe(9007199254740994);
});

test.each([
  ["1.5", ".", 1.5],
  ["1,5", ",", 1.5],
  ["-.5e-3", ".", -0.0005],
  ["1.5", ",", Number.NaN],
  ["1,5", ".", Number.NaN],
  ["1,234,567", ",", Number.NaN],
  ["0x10", ".", Number.NaN],
  ["", ".", Number.NaN],
])("numberIn(%j, %j) is %d", (text, mark, value) => {
  expect(numberIn(text, mark)).toBe(value);
});
