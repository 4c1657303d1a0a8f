import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bitIndices,
  countBits,
  emptyBits,
  hasBit,
  intersectBits,
  lowestBit,
  rangeBits,
  setBit,
} from "../../src/mask/bits.ts";

describe("sets of neurons", () => {
  it.each([1, 31, 32, 33, 64, 65])("of a layer of %i: all of them, and no padding bit", (width) => {
    const all = rangeBits(width, 0, width);
    expect(all.length).toBe(Math.ceil(width / 32));
    expect(bitIndices(all)).toEqual(Array.from({ length: width }, (_, i) => i));
    expect(countBits(all)).toBe(width);
    expect(countBits(emptyBits(width))).toBe(0);
  });

  it("refuses a range past the layer", () => {
    expect(() => rangeBits(33, 30, 4)).toThrow("internal: bits 30 + 4 of a layer of 33");
  });

  it("refuses to intersect sets of two layers", () => {
    expect(() => intersectBits(emptyBits(32), emptyBits(33))).toThrow("internal: sets of two layers intersected");
  });

  it("finds the lowest bit of a word, the sign bit too", () => {
    expect([1, 2, 12, 0x80000000, 0xffffffff].map(lowestBit)).toEqual([0, 1, 2, 31, 0]);
  });

  it("behaves as a set of integers does", () => {
    const members = fc.uniqueArray(fc.nat(99));
    fc.assert(
      fc.property(members, members, (first, second) => {
        const [a, b] = [first, second].map((list) => {
          const bits = emptyBits(100);
          for (const index of list) setBit(bits, index);
          return bits;
        });
        const ascending = (list: number[]) => list.sort((x, y) => x - y);
        const both = first.filter((index) => second.includes(index));
        expect(bitIndices(intersectBits(a, b))).toEqual(ascending(both));
        expect(bitIndices(a)).toEqual(ascending([...first]));
        expect(countBits(a)).toBe(first.length);
        for (let index = 0; index < 100; index++) expect(hasBit(b, index)).toBe(second.includes(index));
      }),
    );
  });
});
