import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layerBudgets } from "../../src/pruning/layer_budgets.ts";

describe("layerBudgets", () => {
  it("shares a target in proportion", () => {
    expect(layerBudgets([32, 64, 16], 56)).toEqual([16, 32, 8]);
  });

  it("gives what is left to the largest remainders", () => {
    // Shares 2.5, 3.75, 3.75: two of three are missing after rounding down.
    expect(layerBudgets([10, 15, 15], 10)).toEqual([2, 4, 4]);
  });

  it("gives equal remainders to the lower layer", () => {
    expect(layerBudgets([5, 5, 5], 4)).toEqual([2, 1, 1]);
    expect(layerBudgets([5, 5, 5], 5)).toEqual([2, 2, 1]);
  });

  it("takes empty layers, nothing to keep and nothing to share", () => {
    expect(layerBudgets([0, 8, 0], 3)).toEqual([0, 3, 0]);
    expect(layerBudgets([4, 8], 0)).toEqual([0, 0]);
    expect(layerBudgets([0, 0], 0)).toEqual([0, 0]);
    expect(layerBudgets([4, 8], 12)).toEqual([4, 8]);
  });

  it("sums to the target, within one weight of each layer's share and never above its count", () => {
    const counts = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (kept, share) => {
        const total = kept.reduce((sum, count) => sum + count, 0);
        const remaining = Math.floor(total * share);
        const targets = layerBudgets(kept, remaining);
        expect(targets.reduce((sum, target) => sum + target, 0)).toBe(remaining);
        targets.forEach((target, layer) => {
          expect(target).toBeGreaterThanOrEqual(0);
          expect(target).toBeLessThanOrEqual(kept[layer]);
          if (total > 0) expect(Math.abs(target - (kept[layer] * remaining) / total)).toBeLessThan(1);
        });
      }),
    );
  });

  it("refuses to keep more than there is", () => {
    expect(() => layerBudgets([3, 4], 8)).toThrow("internal: cannot keep 8 of 7 weights");
  });
});
