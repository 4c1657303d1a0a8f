import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { areaUnderCurve, holm, permutationP, type Scored } from "../../src/report/area_under_curve.ts";

const scored = (positives: number[], others: number[], cluster = 0): Scored[] => [
  ...positives.map((score) => ({ score, positive: true, cluster })),
  ...others.map((score) => ({ score, positive: false, cluster })),
];

describe("the area under the curve", () => {
  it("is the share of won pairs, with DeLong's interval for one cluster", () => {
    const { area, low, high } = areaUnderCurve(scored([3, 5, 5, 8], [1, 3, 4, 9, 2]));
    // Won pairs of 20: 3 beats 1, 2 and ties 3; both 5 beat all but 9; 8 beats all but 9.
    expect(area).toBe((2.5 + 4 + 4 + 4) / 20);
    // By hand: shares of the positives 0.5, 0.8, 0.8, 0.8, of the others 1, 0.875, 0.75, 0, 1.
    const variance = 0.0225 / 4 + 0.175 / 5;
    const half = (2.306004135 * Math.sqrt(variance)) / (area * (1 - area));
    const logit = Math.log(area / (1 - area));
    expect(low).toBeCloseTo(1 / (1 + Math.exp(-(logit - half))), 3);
    expect(high).toBeCloseTo(1 / (1 + Math.exp(-(logit + half))), 3);
  });

  it("compares runs of one cluster only", () => {
    // Within both clusters the positives are higher, across them they are not.
    const runs = [...scored([2, 3], [1, 2.5], 0), ...scored([12, 13], [11, 14], 1)];
    expect(areaUnderCurve(runs).area).toBe(5 / 8);
    expect(areaUnderCurve(scored([2, 3], [0, 1]))).toEqual({ area: 1, low: null, high: null });
  });

  it("lies in its interval of clusters about as often as it should", () => {
    const random = new RandomStream(5, "bootstrap");
    let held = 0;
    const repeats = 400;
    // Positives are normal around 1, others around 0, and each data set moves both: the true area is Phi(1 / sqrt 2).
    for (let repeat = 0; repeat < repeats; repeat++) {
      const runs = Array.from({ length: 8 }, (_, cluster) => {
        const moved = 2 * random.nextNormal();
        const draw = (mean: number, count: number) =>
          Array.from({ length: count }, () => mean + moved + random.nextNormal());
        return scored(draw(1, 8), draw(0, 12), cluster);
      }).flat();
      const { low, high } = areaUnderCurve(runs);
      if (low !== null && high !== null && low <= 0.76025 && high >= 0.76025) held++;
    }
    expect(held / repeats).toBeGreaterThan(0.92);
    expect(held / repeats).toBeLessThan(0.98);
  });
});

describe("the p-value of no relation", () => {
  it("is that of all orders of the outcomes within clusters", () => {
    // Cluster 0: 2 of 4 positive, cluster 1: 1 of 3. Of 6 x 3 orders, count those as far from the expectation.
    const clusters = [
      { ranks: [4, 3, 1, 2], positives: 2 },
      { ranks: [3, 1, 2], positives: 1 },
    ];
    const sums = [1 + 2, 1 + 3, 1 + 4, 2 + 3, 2 + 4, 3 + 4].flatMap((a) => [1, 2, 3].map((b) => a + b));
    const expected = 5 + 2;
    const far = sums.filter((sum) => Math.abs(sum - expected) >= Math.abs(7 + 3 - expected)).length / sums.length;
    const runs = clusters.flatMap(({ ranks, positives }, cluster) =>
      scored(ranks.slice(0, positives), ranks.slice(positives), cluster),
    );
    expect(permutationP(runs)).toBeCloseTo(far, 1.7);
    expect(permutationP(scored([1, 2], [1, 2]))).toBe(1);
  });

  it("is uniform where there is no relation, and small where there is", () => {
    const random = new RandomStream(6, "bootstrap");
    const small = Array.from({ length: 40 }, () => {
      const draw = (count: number) => Array.from({ length: count }, () => random.nextNormal());
      return permutationP([...scored(draw(5), draw(6), 0), ...scored(draw(4), draw(7), 1)]);
    }).filter((p) => p < 0.25).length;
    expect(small).toBeGreaterThan(3);
    expect(small).toBeLessThan(18);
    expect(permutationP([...scored([7, 8, 9, 10], [1, 2, 3, 4, 5], 0), ...scored([8, 9], [1, 2, 3], 1)])).toBeLessThan(
      0.005,
    );
  });
});

it("p-values are corrected for their number", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.9, 0.5])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
