import { describe, expect, it } from "vitest";
import type { BenchmarkResult } from "../../src/benchmark/result.ts";
import { spreadOf } from "../../src/benchmark/statistics.ts";
import { benchmarkTables } from "../../src/cli/bench_table.ts";

const networks = { engine: "tiled", shape: [4, 57, 57, 2], batch: 64, weights: 3591, population: 32 };

const result: BenchmarkResult = {
  adapter: { name: "an adapter", kind: "gpu", hasTimestamps: true },
  quick: false,
  ceilings: [],
  throughput: [
    {
      ...networks,
      executor: "an adapter",
      trainSamples: 1000,
      validationSamples: 1000,
      networkEpochMs: spreadOf([0.1, 0.2, 0.3]),
      networkStepUs: 12.5,
      networkEpochsPerSecond: 5000,
      weightUpdatesPerSecond: 287_280_000,
      gflops: 142.3,
      arithmeticShare: 0.0142,
      bandwidthShare: 2.5,
      check: { moveError: 1e-6, lossError: 0 },
    },
  ],
  leftOut: [{ ...networks, population: 256, reason: "memory for 100 at a time" }],
  kernels: {
    clockGrainNs: 65536,
    calls: [
      {
        ...networks,
        kernel: "task_loss",
        size: "64 samples",
        calls: 1234,
        us: spreadOf([5, 6, 7]),
        gflops: null,
        gbytes: null,
        arithmeticShare: null,
        bandwidthShare: null,
      },
    ],
  },
  ratios: [{ what: "one against another", ratio: 97.25 }],
};

describe("benchmarkTables", () => {
  const text = benchmarkTables(result);

  it("prints each figure with its significant digits", () => {
    expect(text).toMatch(/\ntiled +3,591 +32 +12\.5 +0\.2 +0\.15\.\.0\.25 +5,000 +287 +142 +1\.4 % +250 %\n/);
    expect(text).toMatch(/\ntask_loss +64 samples +1,234 +6 +5\.5\.\.6\.5 +- +- +- +-\n/);
    expect(text).toContain("left out\n  tiled (4,57,57,2), 3,591 weights, population 256: memory for 100 at a time\n");
    expect(text).toContain("kernels by the device's clock, with a resolution of 65,536 ns\n");
    expect(text).toContain("ratios\n  one against another: 97.3");
  });

  it("says where no kernel can be timed", () => {
    const without = {
      ...result,
      adapter: { name: "an adapter", kind: "gpu", hasTimestamps: false },
      kernels: null,
    } as const;
    const said = "kernels: none timed, this adapter offers no timestamps (timestamp-query)";
    expect(benchmarkTables(without)).toContain(said);
    expect(benchmarkTables({ ...result, kernels: null })).not.toContain(said);
  });
});
