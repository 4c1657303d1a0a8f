import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { Mask } from "../../src/mask/mask.ts";
import { intersectionCount, jaccardIndex, keptShare } from "../../src/mask/overlap.ts";
import { anyKept, anyShape, pack } from "./boolean_masks.ts";

describe("overlap of two masks", () => {
  // first keeps inputs 0 1 2, second keeps 1 2 3 4
  const first = pack([5, 1], [[[true, true, true, false, false]]]);
  const second = pack([5, 1], [[[false, true, true, true, true]]]);
  const none = pack([5, 1], [[[false, false, false, false, false]]]);

  it("counts the weights that both keep", () => {
    expect(intersectionCount(first, second)).toBe(2);
  });

  it("divides by the first mask's count for the kept share, so order matters", () => {
    expect(keptShare(first, second)).toBe(2 / 3);
    expect(keptShare(second, first)).toBe(2 / 4);
  });

  it("divides by the count of the union for the Jaccard index, so order does not matter", () => {
    expect(jaccardIndex(first, second)).toBe(2 / 5);
    expect(jaccardIndex(second, first)).toBe(2 / 5);
  });

  it("gives an empty first mask a kept share of 1, two empty masks a Jaccard index of 1, and 0 where nothing is shared", () => {
    expect(keptShare(none, first)).toBe(1);
    expect(keptShare(first, none)).toBe(0);
    expect(jaccardIndex(none, none)).toBe(1);
    expect(jaccardIndex(none, first)).toBe(0);
  });

  it.each([intersectionCount, keptShare, jaccardIndex])("refuses masks of two shapes: %o", (measure) => {
    const compare = () => measure(Mask.full([4, 8, 2]), Mask.full([5, 8, 2]));
    expect(compare).toThrow(InputError);
    expect(compare).toThrow(
      "masks of shapes (4,8,2) and (5,8,2) do not overlap weight by weight: compare masks of one shape",
    );
  });

  it("agrees with plain booleans", () => {
    const pair = anyShape.chain((shape) => fc.tuple(fc.constant(shape), anyKept(shape), anyKept(shape)));
    fc.assert(
      fc.property(pair, ([shape, a, b]) => {
        const other = b.flat(2);
        const shared = a.flat(2).filter((bit, weight) => bit && other[weight]).length;
        const either = a.flat(2).filter((bit, weight) => bit || other[weight]).length;
        expect(intersectionCount(pack(shape, a), pack(shape, b))).toBe(shared);
        expect(jaccardIndex(pack(shape, a), pack(shape, b))).toBe(either === 0 ? 1 : shared / either);
      }),
      { numRuns: 20 },
    );
  });
});
