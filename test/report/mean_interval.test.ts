import { expect, it } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { fewestValues, meanInterval } from "../../src/report/mean_interval.ts";

/** A mean with its interval, which must be there. */
function whole(values: readonly number[]) {
  const interval = meanInterval(values);
  if (interval.low === null) throw new Error("no interval");
  return interval;
}

it("says no interval of few values, such as two counts of weights, whose Student's interval has counts below 0", () => {
  expect(meanInterval([25, 73])).toEqual({ mean: 49, low: null, high: null, count: 2 });
  expect(meanInterval([0.5])).toEqual({ mean: 0.5, low: null, high: null, count: 1 });
  expect(meanInterval([1, 2, 3, 4, 5])).toMatchObject({ mean: 3, low: null, high: null });
  expect(fewestValues).toBe(6);
  expect(() => meanInterval([])).toThrow(InternalError);
});

it.each([
  ["counts with many 0", [0, 0, 0, 0, 0, 0, 5, 900]],
  ["accuracies, most of them 1", [1, 1, 1, 1, 1, 0.6]],
  ["losses, one of them large", [0.001, 0.002, 0.002, 0.001, 0.003, 0.9, 0.002]],
])("stays between the lowest and the highest of %s", (_, values) => {
  const { mean, low, high } = whole(values);
  expect(low).toBeGreaterThanOrEqual(Math.min(...values));
  expect(high).toBeLessThanOrEqual(Math.max(...values));
  expect(low).toBeLessThan(mean);
  expect(high).toBeGreaterThan(mean);
});

it("gives equal values equal bounds", () => {
  expect(whole(Array(7).fill(0.1))).toMatchObject({ low: 0.1, high: 0.1 });
});

it("is the same for the same values", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  expect(meanInterval(values)).toEqual(meanInterval([...values]));
});

// Half widths from Student's table: 2.262 and 1.993 at 9 and 72 degrees of freedom; equal distances are nearly symmetric.
it.each([
  [10, 2.26216],
  [73, 1.99346],
])("has Student's width for %i values without a tail", (count, quantile) => {
  const values = Array.from({ length: count }, (_, i) => i);
  const deviation = Math.sqrt((count * (count + 1)) / 12);
  const { mean, low, high } = whole(values);
  const half = (quantile * deviation) / Math.sqrt(count);
  expect((high - mean) / half).toBeCloseTo(1, 1);
  expect((mean - low) / half).toBeCloseTo(1, 1);
});

it("holds the mean of a normal distribution in 95 of 100 samples of the fewest values", () => {
  const random = new RandomStream(1, "datasetPoints");
  const repeats = 300;
  let held = 0;
  for (let k = 0; k < repeats; k++) {
    const { low, high } = whole(Array.from({ length: fewestValues }, () => random.nextNormal()));
    if (low <= 0 && high >= 0) held++;
  }
  // Three standard deviations of a share of 0.95 of 300.
  expect(Math.abs(held / repeats - 0.95)).toBeLessThan(0.038);
});
