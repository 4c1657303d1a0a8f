import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mask, maskLayout, popcount } from "../../src/mask/mask.ts";
import { anyKept, anyShape, pack } from "./boolean_masks.ts";

describe("mask layout", () => {
  it.each([
    [1, 1],
    [31, 1],
    [32, 1],
    [33, 2],
    [64, 2],
    [65, 3],
  ])("a row of %i inputs takes %i words", (inputs, words) => {
    expect(maskLayout([inputs, 3, 2])).toEqual({
      shape: [inputs, 3, 2],
      rowWords: [words, 1],
      wordOffset: [0, 3 * words],
      words: 3 * words + 2,
      biasWordOffset: [0, 1],
      biasWords: 2,
    });
  });

  it("puts the bias of output o at bit o % 32 of bias word offset + floor(o / 32)", () => {
    const shape = [1, 33, 32, 65];
    const mask = new Mask(shape, Mask.full(shape).words, new Uint32Array(6));
    expect(maskLayout(shape).biasWordOffset).toEqual([0, 2, 3]);
    mask.setBias(0, 32, true);
    mask.setBias(1, 31, true);
    mask.setBias(2, 0, true);
    mask.setBias(2, 64, true);
    expect([...mask.biasWords]).toEqual([0, 1, 0x80000000, 1, 0, 1]);
    expect(mask.hasBias(2, 64)).toBe(true);
    expect(mask.hasBias(2, 63)).toBe(false);
    expect([mask.biasCount(), mask.biasCount(0), mask.biasCount(1), mask.biasCount(2)]).toEqual([4, 1, 1, 2]);
    expect([...mask.allWords().subarray(mask.words.length)]).toEqual([...mask.biasWords]);
  });

  it("puts input i of output o at bit i % 32 of word offset + o * rowWords + floor(i / 32)", () => {
    const mask = new Mask([65, 2, 3], new Uint32Array(9));
    mask.set(0, 1, 64, true);
    mask.set(1, 2, 1, true);
    expect([...mask.words]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 2]);
    mask.set(0, 1, 31, true);
    expect(mask.words[3]).toBe(0x80000000);
  });

  it("refuses words of another shape", () => {
    expect(() => new Mask([4, 2], new Uint32Array(3))).toThrow("internal: mask of 3 words, shape needs 2");
    const words = new Uint32Array(2);
    expect(() => new Mask([4, 2], words, words)).toThrow("internal: mask of 2 words of biases, shape needs 1");
  });
});

describe("full mask", () => {
  it.each([
    [1, [1]],
    [31, [0x7fffffff]],
    [32, [0xffffffff]],
    [33, [0xffffffff, 1]],
    [64, [0xffffffff, 0xffffffff]],
    [65, [0xffffffff, 0xffffffff, 1]],
  ])("keeps all %i inputs and no padding bit", (inputs, row) => {
    const mask = Mask.full([inputs, 2]);
    expect([...mask.words]).toEqual([...row, ...row]);
    expect(mask.count()).toBe(2 * inputs);
    expect(mask.size).toBe(2 * inputs);
  });

  it.each([
    [31, [0x7fffffff]],
    [32, [0xffffffff]],
    [33, [0xffffffff, 1]],
  ])("keeps all biases of %i neurons and no padding bit, as does a mask without bias words", (outputs, words) => {
    for (const mask of [Mask.full([2, outputs]), new Mask([2, outputs], new Uint32Array(outputs))]) {
      expect([...mask.biasWords]).toEqual(words);
      expect([mask.biasCount(), mask.prunesBiases]).toEqual([outputs, false]);
    }
  });
});

describe("masks of biases", () => {
  it("are compared, subtracted and copied with the weights", () => {
    const full = Mask.full([2, 3, 1]);
    const part = full.clone();
    part.setBias(0, 1, false);
    expect([part.prunesBiases, full.prunesBiases]).toEqual([true, false]);
    expect([part.isSubsetOf(full), full.isSubsetOf(part), part.equals(full), part.equals(part.clone())]).toEqual([
      ...[true, false, false, true],
    ]);
    const rest = full.without(part);
    expect([rest.count(), rest.biasCount(), rest.hasBias(0, 1)]).toEqual([0, 1, true]);
  });
});

describe("popcount", () => {
  it.each([
    [0, 0],
    [1, 1],
    [0x80000000, 1],
    [0xffffffff, 32],
    [0x0f0f0f0f, 16],
    [-1, 32],
  ])("of %i is %i", (word, bits) => {
    expect(popcount(word)).toBe(bits);
  });
});

describe("mask against plain booleans", () => {
  const shapedKept = anyShape.chain((shape) => fc.tuple(fc.constant(shape), anyKept(shape)));

  it("holds each bit, counts them in all and by layer", () => {
    fc.assert(
      fc.property(shapedKept, ([shape, kept]) => {
        const mask = pack(shape, kept);
        for (const [layer, rows] of kept.entries()) {
          for (const [output, row] of rows.entries()) {
            for (const [input, bit] of row.entries()) {
              if (mask.has(layer, output, input) !== bit) return false;
            }
          }
          expect(mask.count(layer)).toBe(rows.flat().filter(Boolean).length);
        }
        expect(mask.count()).toBe(kept.flat(2).filter(Boolean).length);
        return true;
      }),
      { numRuns: 40 },
    );
  });

  it("leaves padding bits 0 while bits are set and cleared", () => {
    fc.assert(
      fc.property(shapedKept, ([shape, kept]) => {
        const { words } = pack(shape, kept);
        const full = Mask.full(shape).words;
        expect(words.every((word, i) => (word & ~full[i]) === 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("is a subset exactly when no weight is kept here alone", () => {
    const pair = anyShape.chain((shape) => fc.tuple(fc.constant(shape), anyKept(shape), anyKept(shape)));
    fc.assert(
      fc.property(pair, ([shape, first, second]) => {
        const other = second.flat(2);
        const expected = first.flat(2).every((bit, weight) => !bit || other[weight]);
        expect(pack(shape, first).isSubsetOf(pack(shape, second))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("is a subset of itself and of every mask with one weight more, not the other way", () => {
    const full = Mask.full([65, 3]);
    const less = full.clone();
    less.set(0, 2, 64, false);
    expect(full.isSubsetOf(full)).toBe(true);
    expect(less.isSubsetOf(full)).toBe(true);
    expect(full.isSubsetOf(less)).toBe(false);
    expect(full.count()).toBe(195);
  });

  it("does not compare masks of two shapes, even of equally many words", () => {
    expect(() => Mask.full([4, 8]).isSubsetOf(Mask.full([5, 8]))).toThrow("internal: masks of two shapes compared");
  });
});
