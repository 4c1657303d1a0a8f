import { describe, expect, it } from "vitest";
import { InputError, RunError } from "../../src/base/errors.ts";
import { type BenchmarkProgress, benchmark } from "../../src/benchmark/benchmark.ts";
import type { Cpu } from "../../src/benchmark/engines.ts";
import { ratiosOf } from "../../src/benchmark/ratios.ts";
import { benchmarkResultSchema, type Throughput } from "../../src/benchmark/result.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";

const options = { cases: ["4,8,8,2"], engines: ["cpu"], quick: true } as const;

const cpu: Cpu = { startThread: startNodeThread, cores: 2, memoryBytes: 2 ** 30 };

/** Threads that report a trained level without training it. */
const idle: Cpu = {
  ...cpu,
  startThread: ({ answer }) => ({
    post: (order) => {
      if (order.kind !== "train") return;
      const training = {
        kernels: "cpu",
        epochs: 1,
        steps: 4,
        ...{ evaluations: 1, keptStep: 4, bestStep: 4 },
        trainLoss: 0.6,
        valLoss: 0.6,
        scoreSums: [
          [50, 50],
          [50, 50],
        ],
      } as const;
      setTimeout(() => answer({ kind: "done", result: { training, values: order.job.start.slice() } }));
    },
    keepsProcessAlive: () => {},
    terminate: () => {},
  }),
};

describe("benchmark", () => {
  it("tells figures that fit one another, and what it is at", async () => {
    const heard: BenchmarkProgress[] = [];
    const result = benchmarkResultSchema.parse(await benchmark({ cpu }, options, (progress) => heard.push(progress)));
    expect(heard).toEqual([
      { number: 1, total: 3, name: "ceilings of the cpu" },
      { number: 2, total: 3, name: "cpu (4,8,8,2), 112 weights, population 1" },
      { number: 3, total: 3, name: "cpu (4,8,8,2), 112 weights, population 2" },
    ]);
    expect(result).toMatchObject({ adapter: null, quick: true, leftOut: [], kernels: null });
    expect(result.throughput.map(({ population }) => population)).toEqual([1, 2]);
    const [ceilings] = result.ceilings;
    for (const one of result.throughput) {
      expect(one).toMatchObject({ engine: "cpu", weights: 112, batch: 64, trainSamples: 200, validationSamples: 200 });
      expect(one.networkEpochsPerSecond).toBeCloseTo(1000 / one.networkEpochMs.median, 6);
      expect(one.networkStepUs).toBeCloseTo((one.networkEpochMs.median * 1000) / 4, 6);
      expect(one.weightUpdatesPerSecond).toBeCloseTo(one.networkEpochsPerSecond * 4 * 112, 3);
      // 112 weights, 32 of them in the first layer.
      const flops = 200 * 2 * (3 * 112 - 32) + 200 * 2 * 112;
      expect(one.gflops).toBeCloseTo((one.networkEpochsPerSecond * flops) / 1e9, 9);
      expect(one.arithmeticShare).toBeCloseTo(one.gflops / (one.population * ceilings.arithmeticGflops.median), 9);
      expect(one.check.moveError).toBeGreaterThan(0);
      expect(one.check.moveError).toBeLessThan(0.001);
    }
  });

  it("tells no figure of an engine whose result is wrong", async () => {
    const failure: unknown = await benchmark({ cpu: idle }, options).catch((error) => error);
    expect(failure).toBeInstanceOf(RunError);
    expect((failure as RunError).message).toMatch(
      /^cpu at \(4,8,8,2\), seed 0: after an epoch the weights are off by 1\.0 of their change .*: nothing was timed$/,
    );
  });

  it("refuses engines that are not there", async () => {
    await expect(benchmark({ cpu }, { ...options, engines: ["resident", "tiled"] })).rejects.toEqual(
      new InputError("bench: this machine has no engine resident or tiled: choose another, or another --device"),
    );
  });

  it("ends when it is told to", async () => {
    const controller = new AbortController();
    const observe = () => controller.abort(new Error("enough"));
    await expect(benchmark({ cpu }, { ...options, signal: controller.signal }, observe)).rejects.toThrow("enough");
  });
});

describe("ratiosOf", () => {
  const figure = (engine: string, weights: number, population: number, networkEpochsPerSecond: number) =>
    ({ engine, shape: [4, 57, 57, 2], weights, population, networkEpochsPerSecond }) as Throughput;

  it("sets populations against one network, and sparse networks against dense ones, engine by engine", () => {
    const figures = [
      figure("resident", 3591, 1, 10),
      figure("resident", 3591, 32, 100),
      figure("resident", 3591, 256, 250),
      figure("resident", 180, 1, 30),
      figure("tiled", 3591, 1, 5),
    ];
    expect(ratiosOf(figures)).toEqual([
      {
        what: "resident (4,57,57,2), 3591 weights: rate of a population of 256 against one network alone",
        ratio: 25,
      },
      { what: "resident (4,57,57,2), population 1: rate at 180 weights against 3591", ratio: 3 },
    ]);
  });
});
