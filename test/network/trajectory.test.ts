import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { pruningTrajectory, type TrajectoryNumbers } from "../../src/network/trajectory.ts";

describe("pruningTrajectory", () => {
  it("from weights, rate and levels: remaining(i) = round(N (1 - p)^i)", () => {
    const { rate, remaining } = pruningTrajectory({ weights: 1000, rate: 0.2, levels: 5 });
    expect(rate).toBe(0.2);
    expect(remaining).toEqual([1000, 800, 640, 512, 410, 328]);
  });

  it("from weights, levels and target: p = 1 - (T / N)^(1 / L), as MNIST-Fashion has it", () => {
    const { rate, remaining } = pruningTrajectory({ weights: 1_544_480, levels: 20, target: 600 });
    expect(rate).toBeCloseTo(0.3247, 4);
    expect(remaining).toHaveLength(21);
    expect([remaining[0], remaining[20]]).toEqual([1_544_480, 600]);
    remaining.forEach((count, level) => {
      expect(count).toBe(level === 20 ? 600 : Math.round(1_544_480 * (600 / 1_544_480) ** (level / 20)));
    });
  });

  it("from weights, rate and target: the first level that reaches the target stops there exactly", () => {
    expect(pruningTrajectory({ weights: 100, rate: 0.5, target: 20 }).remaining).toEqual([100, 50, 25, 20]);
    expect(pruningTrajectory({ weights: 100, rate: 0.5, target: 25 }).remaining).toEqual([100, 50, 25]);
    expect(pruningTrajectory({ weights: 100, rate: 0.5, target: 100 }).remaining).toEqual([100]);
  });

  it("from rate, levels and target: the weights that lead there", () => {
    const { remaining } = pruningTrajectory({ rate: 0.5, levels: 3, target: 14 });
    expect(remaining).toEqual([112, 56, 28, 14]);
    expect(pruningTrajectory({ rate: 0.32, levels: 9, target: 112 }).remaining.at(-1)).toBe(112);
  });

  it("takes no levels, and levels that can prune nothing more", () => {
    expect(pruningTrajectory({ weights: 10, rate: 0.5, levels: 0 }).remaining).toEqual([10]);
    expect(pruningTrajectory({ weights: 10, levels: 0, target: 10 })).toEqual({ rate: 0, remaining: [10] });
    expect(pruningTrajectory({ weights: 10, levels: 2, target: 10 }).remaining).toEqual([10, 10, 10]);
  });

  it("never rises, and takes members that are undefined for missing ones", () => {
    const { remaining } = pruningTrajectory({ weights: 777, rate: 0.1, levels: 60, target: undefined });
    remaining.forEach((count, level) => {
      if (level > 0) expect(count).toBeLessThanOrEqual(remaining[level - 1]);
    });
  });

  it.each<[TrajectoryNumbers, string]>([
    [{}, "a trajectory needs exactly three of weights, rate, levels and target, got 0 (none): add one of the others"],
    [
      { weights: 10, rate: 0.5 },
      "a trajectory needs exactly three of weights, rate, levels and target, got 2 (weights, rate): add one of the others",
    ],
    [
      { weights: 10, rate: 0.5, levels: 1, target: 5 },
      "a trajectory needs exactly three of weights, rate, levels and target, got 4 (weights, rate, levels, target): leave one out, or give two of rate, levels and target, which replace those of a preset",
    ],
    [
      { weights: 10, rate: 0, levels: 1 },
      "rate 0 is not above 0 and below 1: give the share of weights that a round prunes",
    ],
    [
      { weights: 10, rate: 1, levels: 1 },
      "rate 1 is not above 0 and below 1: give the share of weights that a round prunes",
    ],
    [
      { weights: 10, rate: Number.NaN, levels: 1 },
      "rate NaN is not above 0 and below 1: give the share of weights that a round prunes",
    ],
    [{ weights: 10, rate: 0.5, levels: -1 }, "levels -1 is not an integer from 0 to 1000: give the number of prunings"],
    [
      { weights: 10, rate: 0.5, levels: 1.5 },
      "levels 1.5 is not an integer from 0 to 1000: give the number of prunings",
    ],
    [
      { weights: 10, rate: 0.5, levels: 1001 },
      "levels 1001 is not an integer from 0 to 1000: give the number of prunings",
    ],
    [
      { weights: 10, rate: 0.5, target: 0 },
      "target 0 is not an integer from 1: give the weights left at the last level",
    ],
    [
      { weights: 10, rate: 0.5, target: 2.5 },
      "target 2.5 is not an integer from 1: give the weights left at the last level",
    ],
    [{ weights: 0, rate: 0.5, levels: 1 }, "weights 0 is not an integer from 1"],
    [{ weights: 10, levels: 1, target: 11 }, "target 11 is above the 10 weights of the network: choose at most 10"],
    [
      { weights: 10, levels: 0, target: 5 },
      "levels 0 prunes nothing, but target 5 is below the 10 weights: raise levels",
    ],
    [
      { weights: 1_000_000, rate: 1e-6, target: 1 },
      "rate 0.000001 needs more than 1000 levels from 1000000 weights to target 1: raise the rate",
    ],
  ])("refuses %j", (numbers, message) => {
    expect(() => pruningTrajectory(numbers)).toThrow(new InputError(message));
  });
});

describe("pruningTrajectory with rates by layer", () => {
  const layers = [
    { weights: 1000, factor: 1 },
    { weights: 101, factor: 0.5 },
  ];

  it("sums what each layer has left, rounded by layer", () => {
    const { remaining } = pruningTrajectory({ weights: 1101, rate: 0.2, levels: 2 }, layers);
    expect(remaining).toEqual([1101, 800 + 91, 640 + 82]);
  });

  it("is the plain trajectory where all factors are 1", () => {
    const even = [{ weights: 1000, factor: 1 }];
    for (const numbers of [
      { rate: 0.3, levels: 9 },
      { levels: 9, target: 77 },
      { rate: 0.3, target: 77 },
    ]) {
      const plain = pruningTrajectory({ weights: 1000, ...numbers });
      const layered = pruningTrajectory({ weights: 1000, ...numbers }, even);
      expect(layered.remaining).toEqual(plain.remaining);
      expect(layered.rate).toBeCloseTo(plain.rate, 12);
    }
  });

  it("finds the rate that leads to a target", () => {
    const { rate, remaining } = pruningTrajectory({ weights: 1101, levels: 3, target: 300 }, layers);
    expect(1000 * (1 - rate) ** 3 + 101 * (1 - rate / 2) ** 3).toBeCloseTo(300, 9);
    expect(remaining[3]).toBe(300);
  });

  it("leaves a layer of factor 0 as it is", () => {
    const fixed = [layers[0], { weights: 101, factor: 0 }];
    expect(pruningTrajectory({ weights: 1101, rate: 0.5, levels: 2 }, fixed).remaining).toEqual([1101, 601, 351]);
  });
});
