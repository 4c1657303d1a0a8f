import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erkBudgets, layerBudgets, ratedBudgets } from "../../src/pruning/layer_budgets.ts";

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

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

describe("ratedBudgets", () => {
  it("prunes the output layer of LeNet-300-100 at half the rate of the others", () => {
    // Frankle and Carbin 2019: 20 % of the hidden layers, 10 % of the output layer, a round.
    expect(ratedBudgets([235_200, 30_000, 1000], 188_160 + 24_000 + 900, [1, 1, 0.5])).toEqual([188_160, 24_000, 900]);
  });

  it("keeps a layer of factor 0, and empties one that would lose more than it has", () => {
    expect(ratedBudgets([10, 30, 20], 45, [1, 1, 0])).toEqual([6, 19, 20]);
    // At one rate for all, layer 1 would lose 4 x 0.3 of its weights.
    expect(ratedBudgets([60, 10, 30], 60, [1, 4, 1])).toEqual([40, 0, 20]);
    expect(ratedBudgets([10, 30, 20], 20, [1, 1, 0])).toEqual([0, 0, 20]);
    expect(() => ratedBudgets([10, 30, 20], 19, [1, 1, 0])).toThrow("cannot keep 19 of 20 to 60 weights");
  });

  it("sums to the target within the counts, and divides as layerBudgets where all factors are 1", () => {
    const layers = fc.array(
      fc.record({ count: fc.integer({ min: 0, max: 100_000 }), factor: fc.double({ min: 0.01, max: 3, noNaN: true }) }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(layers, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const counts = given.map(({ count }) => count);
        const remaining = Math.floor(sum(counts) * share);
        const kept = ratedBudgets(
          counts,
          remaining,
          given.map(({ factor }) => factor),
        );
        expect(sum(kept)).toBe(remaining);
        kept.forEach((one, layer) => {
          expect(one).toBeGreaterThanOrEqual(0);
          expect(one).toBeLessThanOrEqual(counts[layer]);
        });
        const even = ratedBudgets(
          counts,
          remaining,
          counts.map(() => 1),
        );
        layerBudgets(counts, remaining).forEach((one, layer) => {
          expect(Math.abs(one - even[layer])).toBeLessThanOrEqual(1);
        });
      }),
    );
  });
});

describe("erkBudgets", () => {
  it("gives layers weights in proportion to the sum of their widths", () => {
    // Densities of Evci et al.: layer l has density e (n_in + n_out) / (n_in n_out).
    const shape = [100, 50, 40, 10];
    const counts = [5000, 2000, 400];
    const kept = erkBudgets(shape, counts, 580);
    const densities = kept.map((one, layer) => one / counts[layer]);
    const scale = [0, 1, 2].map((layer) => (shape[layer] + shape[layer + 1]) / (shape[layer] * shape[layer + 1]));
    expect(sum(kept)).toBe(580);
    densities.forEach((density, layer) => {
      expect(density / scale[layer]).toBeCloseTo(densities[0] / scale[0], 1);
    });
    expect(kept).toEqual([300, 180, 100]);
  });

  it("caps a layer at what it has, and redistributes the rest", () => {
    // Uncapped, the last layer would have 50 / 290 of 2900, 500 of its 400 weights.
    expect(erkBudgets([100, 50, 40, 10], [5000, 2000, 400], 2900)).toEqual([1563, 937, 400]);
    expect(erkBudgets([100, 50, 40, 10], [5000, 2000, 400], 7400)).toEqual([5000, 2000, 400]);
    expect(erkBudgets([100, 50, 40, 10], [5000, 2000, 400], 0)).toEqual([0, 0, 0]);
  });

  it("leads down a trajectory by nested counts that sum to every level's total", () => {
    const shape = [4, 57, 57, 2];
    let counts = [228, 3249, 114];
    for (const remaining of [2442, 1677, 1120, 760, 520, 352, 247, 160, 112, 1, 0]) {
      const next = erkBudgets(shape, counts, remaining);
      expect(sum(next)).toBe(remaining);
      next.forEach((one, layer) => {
        expect(one).toBeLessThanOrEqual(counts[layer]);
      });
      counts = next;
    }
  });
});
