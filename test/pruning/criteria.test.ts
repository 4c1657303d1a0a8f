import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { philox4x32 } from "../../src/base/random.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { magnitude } from "../../src/pruning/criteria/magnitude.ts";
import { random } from "../../src/pruning/criteria/random.ts";
import { scaledMagnitude } from "../../src/pruning/criteria/scaled_magnitude.ts";
import { criteria } from "../../src/pruning/criteria.ts";
import type { KeyCriterion, Ranking } from "../../src/pruning/criterion.ts";

const unscaled: Ranking = { scale: 1, seed: 3, level: 2 };
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

/** The f32 with the bits of a key. */
const floatOf = (key: number) => new Float32Array(Uint32Array.of(key).buffer)[0];

/** Parameters whose weights are given layer by layer; biases and padding are garbage. */
function parametersOf(shape: readonly number[], layers: readonly (readonly number[])[]): Parameters {
  const parameters = new Parameters(shape, new Float32Array(new Parameters(shape).values.length).fill(77));
  layers.forEach((weights, layer) => {
    parameters.setWeights(layer, Float32Array.from(weights));
  });
  return parameters;
}

describe("the criteria", () => {
  it("have each their formula and what they need", () => {
    const described = criteria.entries.map(({ name, formula, needs }) => `${name}: ${formula}; ${needs.join(", ")}`);
    expect(described).toEqual([
      "magnitude: |w|; trained weights",
      "random: 31 random bits of (seed, level, index); ",
      "scaled-magnitude: |w| / sigma, sigma the root of the mean square of the layer's initial weights; trained weights, initial weights",
      "lamp: w_u^2 / (sum over v >= u of w_v^2), u and v positions in the layer's order of magnitude; trained weights",
      "magnitude-increase: |w| - |w_i|, w_i the initial weight; trained weights, initial weights",
      "movement: |w - w_i|, w_i the initial weight; trained weights, initial weights",
      "initial-magnitude: |w_i|, w_i the initial weight; initial weights",
      "large-init-large-final: min(alpha |w|, |w_i|), w_i the initial weight; alpha |w| is the |w_i| that has the rank of |w|, of the layer's kept weights; trained weights, initial weights",
      "large-final-same-sign: max(0, w w_i / |w_i|), w_i the initial weight; trained weights, initial weights",
      "magnitude-increase-same-sign: |w| - |w_i| where sign(w) = sign(w_i), else 0, w_i the initial weight; trained weights, initial weights",
      "small-final: -|w|; trained weights",
      "small-init: -|w_i|, w_i the initial weight; initial weights",
      "small-init-small-final: -max(alpha |w|, |w_i|), w_i the initial weight; alpha |w| is the |w_i| that has the rank of |w|, of the layer's kept weights; trained weights, initial weights",
      "large-final-diff-sign: |w| where sign(w) differs from sign(w_i), else 0, w_i the initial weight; trained weights, initial weights",
      "magnitude-increase-diff-sign: |w| - |w_i| where sign(w) differs from sign(w_i), else 0, w_i the initial weight; trained weights, initial weights",
      "synflow: |dR/dw w|, R = 1^T (product over layers l of |W_l * M_l|) 1; trained weights",
      "gradient-saliency: |w g|, g the gradient of the mean training loss at the trained weights; trained weights, gradients",
      "snip: |w_s g_s|, g_s the gradient of the mean training loss at the masked start weights w_s; start weights, start gradients",
      "grasp: -w_s (H g_s), the largest first; g_s and H the gradient and Hessian of the mean training loss at the masked start weights w_s; start weights, start Hessian gradients",
    ]);
  });

  it("have keys that are unsigned integers of 32 bits, for any weight", () => {
    const ranking = fc.record({
      scale: fc.float({ min: Math.fround(1e-6), max: Math.fround(1e6), noNaN: true }),
      seed: fc.nat(0xffffffff),
      level: fc.nat(1000),
    });
    for (const { name, key } of criteria.entries.flatMap((one) => ("key" in one ? [one] : []))) {
      fc.assert(
        fc.property(finite, fc.nat(0xffffffff), ranking, (weight, index, by) => {
          const value = key(weight, index, by);
          expect(value >>> 0, name).toBe(value);
        }),
      );
    }
  });

  it("scale by the layer where keys need the initial weights, and only there", () => {
    const scaled = criteria.entries.filter((one) => "key" in one && one.scale).map(({ name }) => name);
    const needInitial = criteria.entries.filter((one) => "key" in one && one.needs.includes("initial weights"));
    expect(scaled).toEqual(["scaled-magnitude"]);
    expect(needInitial.map(({ name }) => name)).toEqual(scaled);
  });
});

describe("magnitude", () => {
  const { key }: KeyCriterion = magnitude;

  it("has the bits of |w| as its key", () => {
    expect([1, -1, 0.5, -3.5].map((w) => key(w, 0, unscaled))).toEqual([
      0x3f800000, 0x3f800000, 0x3f000000, 0x40600000,
    ]);
    fc.assert(
      fc.property(finite, (w) => {
        expect(floatOf(key(w, 0, unscaled))).toBe(Math.abs(w));
      }),
    );
  });

  it("orders as |w| does, equal only where |w| is", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const order = Math.sign(key(a, 0, unscaled) - key(b, 1, unscaled));
        expect(order).toBe(Math.sign(Math.abs(a) - Math.abs(b)));
      }),
    );
  });

  it("ranks both zeros alike, denormals above them, and the largest number last", () => {
    expect([0, -0].map((w) => key(w, 0, unscaled))).toEqual([0, 0]);
    expect([2 ** -149, -(2 ** -148), 2 ** -126].map((w) => key(w, 0, unscaled))).toEqual([1, 2, 0x00800000]);
    expect(key(-3.4028234663852886e38, 0, unscaled)).toBe(0x7f7fffff);
  });

  it("depends on nothing but the weight", () => {
    expect(key(0.7, 9, { scale: 5, seed: 8, level: 4 })).toBe(key(0.7, 0, unscaled));
  });
});

describe("random", () => {
  const { key }: KeyCriterion = random;

  it("has 31 bits of the block of (seed, level, index) as its key, whatever the weight", () => {
    for (const [seed, level, index] of [
      [0, 1, 0],
      [3, 2, 41],
      [0xffffffff, 1000, 0xffffffff],
    ]) {
      const [word] = philox4x32([index, level, 0, 0], [seed, 6]);
      for (const weight of [0, -0, 1, -(2 ** -149)]) {
        expect(key(weight, index, { scale: 2, seed, level })).toBe(Math.floor(word / 2));
      }
    }
  });

  it("differs by seed, by level and by index", () => {
    const keys = [0, 1].flatMap((seed) =>
      [1, 2].flatMap((level) => [0, 1, 2].map((index) => key(1, index, { scale: 1, seed, level }))),
    );
    expect(new Set(keys).size).toBe(12);
  });

  it("is uniform: half of the keys have their top bit of 31", () => {
    const keys = Array.from({ length: 4000 }, (_, index) => key(1, index, unscaled));
    expect(Math.max(...keys)).toBeLessThan(2 ** 31);
    // Within five standard deviations (158) of the mean, 2000, of 4000 coin throws.
    expect(Math.abs(keys.filter((one) => one >= 2 ** 30).length - 2000)).toBeLessThan(158);
  });
});

describe("scaled-magnitude", () => {
  const { key, scale = () => Number.NaN }: KeyCriterion = scaledMagnitude;

  it("scales by one over the root of the mean square of the layer's initial weights, rounded to f32", () => {
    // Mean squares 25 and 0.25; a sample deviation about the mean would differ in both.
    const start = parametersOf(
      [3, 2, 1],
      [
        [1, 7, 5, 5, 1, 7],
        [0.5, -0.5],
      ],
    );
    expect([scale(start, 0), scale(start, 1)]).toEqual([Math.fround(1 / 5), 2]);
  });

  it("comes near sqrt(fan_in / 2) for the weights that networks start from", () => {
    const shape = [50, 200, 40];
    const start = initialParameters(shape, 4);
    for (const layer of [0, 1]) {
      const expected = Math.sqrt(shape[layer] / 2);
      // The deviation of 8000 and more normal numbers is within 5 / sqrt(2 * 8000) of the distribution's.
      expect(Math.abs(scale(start, layer) / expected - 1)).toBeLessThan(0.04);
    }
  });

  it("leaves a layer that starts at 0 as it is", () => {
    const start = parametersOf(
      [2, 2, 1],
      [
        [0, -0, 0, 0],
        [3, -3],
      ],
    );
    expect([scale(start, 0), scale(start, 1)]).toEqual([1, Math.fround(1 / 3)]);
  });

  it("takes a layer of one weight, of tiny weights and of large ones", () => {
    const start = parametersOf([1, 1, 2, 1], [[-4], [1e-30, -1e-30], [1e30, 1e30]]);
    expect(scale(start, 0)).toBe(0.25);
    expect(scale(start, 1) / 1e30).toBeCloseTo(1, 6);
    expect(scale(start, 2) * 1e30).toBeCloseTo(1, 6);
  });

  it("has the bits of |w| times the scale, rounded to f32, as its key", () => {
    expect([1, -1, 0.5, -8].map((w) => key(w, 0, { ...unscaled, scale: 0.25 }))).toEqual([
      0x3e800000, 0x3e800000, 0x3e000000, 0x40000000,
    ]);
    const scales = fc.float({ min: Math.fround(1e-3), max: Math.fround(1e3), noNaN: true });
    const weights = fc.float({ min: -(2 ** 100), max: 2 ** 100, noNaN: true });
    fc.assert(
      fc.property(weights, scales, (w, by) => {
        expect(floatOf(key(w, 0, { ...unscaled, scale: by }))).toBe(Math.fround(Math.abs(w) * by));
      }),
    );
  });

  it("ties weights whose products round to the same f32, and only those", () => {
    const third = { ...unscaled, scale: Math.fround(1 / 3) };
    // Neighbours above 1.6 differ by 2^-23; their products differ by a third of that, where neighbours in f32 differ by
    // 2^-24.
    const weights = Array.from({ length: 64 }, (_, n) => Math.fround(1.6) + n * 2 ** -23);
    const keys = weights.map((weight) => key(weight, 0, third));
    const products = weights.map((weight) => Math.fround(weight * third.scale));
    expect(new Set(keys).size).toBe(new Set(products).size);
    expect(new Set(keys).size).toBeLessThan(64);
    expect(keys.every((one, n) => n === 0 || keys[n - 1] <= one)).toBe(true);
  });

  it("ranks both zeros alike, and keeps products that are denormal", () => {
    for (const by of [Math.fround(1e-3), 1, 1000]) {
      expect([0, -0].map((w) => key(w, 0, { ...unscaled, scale: by }))).toEqual([0, 0]);
    }
    expect([2 ** -149, -(2 ** -148)].map((w) => key(w, 0, { ...unscaled, scale: 4 }))).toEqual([4, 8]);
    expect([2 ** -126, -(2 ** -147)].map((w) => key(w, 0, { ...unscaled, scale: 0.25 }))).toEqual([0x00200000, 1]);
    // Half of the smallest number: the tie is rounded to even, which is 0.
    expect(key(2 ** -149, 0, { ...unscaled, scale: 0.5 })).toBe(0);
  });
});
