import { describe, expect, it, test } from "vitest";
import {
  standardize,
  standardized,
  unchanged,
  wholeStandardization,
  wideStandardization,
} from "../../src/dataset/standardize.ts";

test("mean and population standard deviation of each column", () => {
  const { mean, scale } = standardize(Float32Array.of(1, 10, 3, 10, 5, 40), 2);
  expect([...mean]).toEqual([3, 20]);
  expect(scale[0]).toBe(Math.fround(1 / Math.sqrt(8 / 3)));
  expect(scale[1]).toBe(Math.fround(1 / Math.sqrt(200)));
});

test("a constant column has scale 0, whatever its value", () => {
  for (const value of [0, 0.1, 1e30, -1 / 3]) {
    const { mean, scale } = standardize(new Float32Array(999).fill(value), 1);
    expect(scale[0]).toBe(0);
    expect(mean[0]).toBe(Math.fround(value));
  }
});

test("a column whose 1 / std does not fit f32 has scale 0 in place of infinity", () => {
  expect(standardize(Float32Array.of(0, 1e-44), 1).scale[0]).toBe(0);
  expect(standardize(Float32Array.of(0, 1e-37), 1).scale[0]).toBeGreaterThan(0);
});

test("a far first row costs no precision", () => {
  const features = Float32Array.from({ length: 1001 }, (_, i) => (i === 0 ? 1e6 : i % 2));
  const values = Array.from(features);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  const result = standardize(features, 1);
  expect(result.mean[0]).toBeCloseTo(mean, 3);
  expect(result.scale[0] * Math.sqrt(variance)).toBeCloseTo(1, 6);
});

test("60,000 x 1,568 bytes take less than a second or two, also on a busy machine", () => {
  const features = new Uint8Array(60_000 * 1568);
  for (let i = 0; i < features.length; i += 7) features[i] = i;
  const start = performance.now();
  standardize(features, 1568);
  expect(performance.now() - start).toBeLessThan(3000);
});

test("values far from 0 keep what distinguishes them, over chosen rows alone", () => {
  // 59 seconds of Unix time; in f32 they are 1.7e9 and 128 more.
  const seconds = Float64Array.from({ length: 60 }, (_, i) => 1.7e9 + i);
  const rows = Uint32Array.from({ length: 59 }, (_, i) => i);
  const constants = wideStandardization(seconds, 1, rows);
  expect([constants.mean[0], constants.scale[0]]).toEqual([1.7e9 + 29, 1 / Math.sqrt((59 ** 2 - 1) / 12)]);
  const near = Float64Array.from(seconds, (value) => value - 1.7e9);
  const expected = standardized(near, rows, wideStandardization(near, 1, rows));
  expect(standardized(seconds, rows, constants)).toEqual(expected);
  expect(new Set(expected).size).toBe(59);
});

test("what f32 or float64 does not hold is named", () => {
  const all = Uint32Array.of(0, 1);
  expect(() => wideStandardization(Float64Array.of(1e200, -1e200), 1)).toThrow(
    "input column 1: its values, such as 1e+200, are too far apart for a standard deviation in float64; divide the column by a power of 10",
  );
  expect(() => wideStandardization(Float64Array.of(1e-170, 2e-170), 1)).toThrow(
    "input column 1: its values, such as 1e-170, are too close together for a standard deviation in float64; multiply the column by a power of 10",
  );
  expect(wideStandardization(Float64Array.of(1e-170, 1e-170), 1).scale[0]).toBe(0);
  expect(() => standardized(Float64Array.of(0, 1, 0, 1e39), all, unchanged(2))).toThrow(
    "input column 2: 1e+39 is beyond f32 (mean 0, 1 / standard deviation 1); correct the value, or divide the column by a power of 10",
  );
});

describe("constants applied one after the other", () => {
  const raw = Float64Array.from({ length: 60 }, (_, i) => [1.7e9 + ((i * 7) % 60), 0.001 * ((i * 11) % 13), 5][i % 3]);
  const rows = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);
  const learnt = (features: ArrayLike<number>, mean: ArrayLike<number>, scale: ArrayLike<number>) =>
    Array.from(features, (x, i) => (x - mean[i % 3]) * scale[i % 3]);

  it("are one pair from the raw inputs to what is learnt", () => {
    const applied = wideStandardization(raw, 3, rows(15));
    const stored = standardized(raw, rows(20), applied);
    const own = standardize(stored.subarray(0, 30), 3);
    expect(own.mean[0]).not.toBeCloseTo(0, 3);
    const whole = wholeStandardization({ ...own, applied });
    const expected = learnt(stored, own.mean, own.scale);
    learnt(raw, whole.mean, whole.scale).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    // The last column is constant.
    expect([whole.mean[2], whole.scale[2]]).toEqual([5, 0]);
  });

  it("are a dataset's own where its inputs are stored raw", () => {
    const own = standardize(Float32Array.of(1, 10, 3, 30), 2);
    expect(wholeStandardization(own)).toEqual({
      mean: Float64Array.from(own.mean),
      scale: Float64Array.from(own.scale),
    });
  });
});
