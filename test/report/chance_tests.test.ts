import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { permutationTests, shareIntervals, sharesOf } from "../../src/report/chance_tests.ts";
import { CrossedDesign } from "../../src/report/variance_components.ts";

/** A grid of a x b runs with one value each. */
function gridOf(a: number, b: number, value: (i: number, j: number) => number) {
  const runs = Array.from({ length: a * b }, (_, n) => [Math.floor(n / b), n % b]);
  const design = new CrossedDesign([
    { name: "data", levels: runs.map(([i]) => i) },
    { name: "seed", levels: runs.map(([, j]) => j) },
  ]);
  return { design, values: runs.map(([i, j]) => value(i, j)) };
}

/** Random effects of two factors and their interaction, with standard deviations. */
function drawn(seed: number, a: number, b: number, deviations: readonly number[]) {
  const random = new RandomStream(seed, "bootstrap", 9);
  const effects = [a, b].map((levels, f) => Array.from({ length: levels }, () => deviations[f] * random.nextNormal()));
  return gridOf(a, b, (i, j) => effects[0][i] + effects[1][j] + deviations[2] * random.nextNormal());
}

describe("permutation tests", () => {
  it("of a factor are exact: with two values of each of three seeds, every order is as likely", () => {
    // 2 of 8 rearrangements set the data sets this far apart; 6 of 36 leave the same order of seeds in both.
    const { design, values } = gridOf(2, 3, (i, j) => 10 * i + j);
    const [data, seed, rest] = permutationTests(design, values);
    expect(Math.abs((data ?? 0) - 1 / 4)).toBeLessThan(0.03);
    expect(Math.abs((seed ?? 0) - 1 / 6)).toBeLessThan(0.03);
    expect(rest).toBeUndefined();
  });

  it("find a factor that matters, and seldom one that does not", () => {
    const found = Array.from({ length: 40 }, (_, k) => {
      const { design, values } = drawn(k, 5, 6, [0, 1, 1]);
      return permutationTests(design, values);
    });
    const small = (effect: number) => found.filter((tests) => (tests[effect] ?? 1) <= 0.05).length;
    expect(small(0)).toBeLessThanOrEqual(5);
    expect(small(1)).toBeGreaterThanOrEqual(25);
  });

  it("of an interaction of two of three factors find it", () => {
    const runs = Array.from({ length: 64 }, (_, n) => [n >> 4, (n >> 2) & 3, n & 3]);
    const design = new CrossedDesign([0, 1, 2].map((f) => ({ name: String(f), levels: runs.map((run) => run[f]) })));
    const random = new RandomStream(1, "bootstrap", 9);
    const noise = runs.map(() => 0.3 * random.nextNormal());
    const tests = permutationTests(
      design,
      runs.map(([i, j], n) => (i === j ? 1 : 0) + noise[n]),
    );
    expect(tests[3]).toBeLessThan(0.01);
    expect(tests[4]).toBeGreaterThan(0.05);
  });
});

describe("intervals of shares", () => {
  it("hold the true share in about 19 of 20 grids, and are the same twice", () => {
    const deviations = [0.5, 0.7, 1];
    const true_ = sharesOf(deviations.map((deviation) => deviation ** 2)) ?? [];
    let held = 0;
    for (let k = 0; k < 20; k++) {
      const { design, values } = drawn(k, 8, 10, deviations);
      const intervals = shareIntervals(design, values);
      if (k === 0) expect(shareIntervals(design, values)).toEqual(intervals);
      held += true_.filter((share, e) => intervals && intervals[e].low <= share && share <= intervals[e].high).length;
    }
    expect(held / 60).toBeGreaterThan(0.9);
  });

  it("are not given of few levels", () => {
    const { design, values } = drawn(0, 4, 10, [1, 1, 1]);
    expect(shareIntervals(design, values)).toBeUndefined();
  });
});
