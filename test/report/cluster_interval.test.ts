import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { clusteredInterval, oneClusterInterval } from "../../src/report/cluster_interval.ts";
import { wilsonInterval } from "../../src/report/wilson.ts";

const clustersOf = (trials: number, ...successes: readonly number[]) =>
  successes.map((each) => ({ successes: each, trials }));

describe("the interval of a share of runs in clusters", () => {
  it("is that of n / d (z / t)^2 independent runs: design effect and interval by hand", () => {
    // Shares 0.2, 0.4, 0.6: their variance 0.04 over 3 clusters, against 0.4 * 0.6 / 30 of independent runs.
    const found = clusteredInterval(clustersOf(10, 2, 4, 6));
    expect(found.designEffect).toBeCloseTo(0.04 / 3 / (0.24 / 30), 10);
    expect(found.correlation).toBeCloseTo((found.designEffect - 1) / 9, 10);
    const effective = (30 / found.designEffect) * (1.959963985 / 4.30265273) ** 2;
    const { low, high } = wilsonInterval(0.4 * effective, effective);
    expect([found.share, found.low, found.high]).toEqual([0.4, expect.closeTo(low, 6), expect.closeTo(high, 6)]);
    // From Wilson's formula with n = 3.735 computed with Python.
    expect(low).toBeCloseTo(0.0982024, 6);
    expect(high).toBeCloseTo(0.803202, 6);
  });

  it("is Wilson's of one cluster, never narrower of several, and has a width where all agree", () => {
    expect(clusteredInterval(clustersOf(20, 8))).toMatchObject(wilsonInterval(8, 20));
    const alike = clusteredInterval(clustersOf(20, 8, 8, 8, 8));
    const independent = wilsonInterval(32, 80);
    expect(alike.designEffect).toBe(1);
    expect(alike.low).toBeLessThan(independent.low);
    expect(alike.high).toBeGreaterThan(independent.high);
    const none = clusteredInterval(clustersOf(4, 0, 0, 0));
    expect([none.share, none.low]).toEqual([0, 0]);
    expect(none.high).toBeGreaterThan(wilsonInterval(0, 12).high);
  });

  it("holds the true share in 95 of 100 sets of clusters, where that of independent runs holds it more seldom", () => {
    const random = new RandomStream(5, "bootstrap", 9);
    let [held, naive] = [0, 0];
    const sets = 2000;
    for (let k = 0; k < sets; k++) {
      // Shares of clusters are uniform from 0.1 to 0.7: their mean is 0.4.
      const clusters = Array.from({ length: 6 }, () => {
        const share = 0.1 + 0.6 * random.nextUniform();
        let successes = 0;
        for (let run = 0; run < 20; run++) if (random.nextUniform() < share) successes++;
        return { successes, trials: 20 };
      });
      const { low, high } = clusteredInterval(clusters);
      if (low <= 0.4 && 0.4 <= high) held++;
      const as = wilsonInterval(
        clusters.reduce((sum, { successes }) => sum + successes, 0),
        120,
      );
      if (as.low <= 0.4 && 0.4 <= as.high) naive++;
    }
    expect(held / sets).toBeGreaterThan(0.935);
    expect(held / sets).toBeLessThan(0.985);
    expect(naive / sets).toBeLessThan(0.8);
  });

  it("of one cluster whose runs are alike is that of fewer runs", () => {
    expect(oneClusterInterval(3, 4, 0)).toEqual(wilsonInterval(3, 4));
    const alike = oneClusterInterval(3, 4, 1);
    expect(alike).toMatchObject({ share: 0.75, low: wilsonInterval(0.75, 1).low });
  });
});
