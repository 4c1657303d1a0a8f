import { describe, expect, it } from "vitest";
import { inverse, spreadOf } from "../../src/benchmark/statistics.ts";

describe("spreadOf", () => {
  it("interpolates quantiles linearly", () => {
    // The results of R's quantile(c(4, 1, 3, 2)) and quantile(c(10, 20, 30)).
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      median: 2.5,
      lowest: 1,
      lowerQuartile: 1.75,
      upperQuartile: 3.25,
      highest: 4,
      trials: 4,
    });
    expect(spreadOf([30, 10, 20])).toMatchObject({ median: 20, lowerQuartile: 15, upperQuartile: 25 });
    expect(spreadOf([7])).toEqual({ median: 7, lowest: 7, lowerQuartile: 7, upperQuartile: 7, highest: 7, trials: 1 });
  });

  it("orders numbers, not words", () => {
    expect(spreadOf([9, 100, 20])).toMatchObject({ median: 20, lowest: 9, highest: 100 });
  });
});

it("turns times into rates, the lowest of which is the slowest", () => {
  expect(inverse(spreadOf([1, 2, 4, 5, 10]), 20)).toEqual({
    median: 5,
    lowest: 2,
    lowerQuartile: 4,
    upperQuartile: 10,
    highest: 20,
    trials: 5,
  });
});
