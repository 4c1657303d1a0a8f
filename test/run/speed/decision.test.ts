import { describe, expect, it } from "vitest";
import type { Shape } from "../../../src/base/shape.ts";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { shortDataset } from "../../../src/run/speed/calibration.ts";
import { fasterEngine, type TimedWork } from "../../../src/run/speed/decision.ts";
import {
  type Evaluated,
  estimatedTimes,
  evaluatedOf,
  type MeasuredStep,
  measuredTimes,
} from "../../../src/run/speed/step_times.ts";

const small: Shape = [4, 57, 57, 2];
/** The levels of extension 9 of the base (4,8,8,2). */
const levels = [3591, 2442, 1660, 1129, 768, 522, 355, 241, 164, 112];

function work(networks: number, cores: number, remaining = levels, shape = small, batch = 64): TimedWork {
  return {
    networks: Array.from({ length: networks }, () => ({ shape, batch, remaining })),
    threads: Math.min(networks, cores),
  };
}

/** Times of (4,57,57,2), batch 64: one core of an AMD EPYC (Zen 5), and an NVIDIA H200 of 132 multiprocessors. */
const measured = (weights: number, cpuUs: number, adapterUs: number): MeasuredStep => ({
  ...{ shape: small, batch: 64, weights, networks: 132 },
  ...{ cpuUs, adapterUs },
});
const onH200 = measuredTimes(measured(112, 4.4, 15.5), measured(3591, 53, 35.5));

const choose = (works: readonly TimedWork[]) => fasterEngine(works, "nvidia-h200", async () => onH200);
const unmeasured = async () => {
  throw new Error("measured, although the estimates are far apart");
};

describe("the faster engine, by measured times", () => {
  it.each([
    // Means over the levels: CPU 18.2 us per network on one core, H200 21.2 us for all networks.
    [1, 2, levels, "cpu", "1 network of 3,591 to 112 weights: 18 us per network-step, nvidia-h200 21 us"],
    [1, 16, levels, "cpu", "1 network of 3,591 to 112 weights: 18 us per network-step, nvidia-h200 21 us"],
    [2, 2, levels, "cpu", "2 networks of 3,591 to 112 weights: 9.1 us per network-step, nvidia-h200 11 us"],
    [3, 2, levels, "adapter", "3 networks of 3,591 to 112 weights: 7.1 us per network-step, cpu 9.1 us"],
    [4, 2, levels, "adapter", "4 networks of 3,591 to 112 weights: 5.3 us per network-step, cpu 9.1 us"],
    [4, 16, levels, "cpu", "4 networks of 3,591 to 112 weights: 4.5 us per network-step, nvidia-h200 5.3 us"],
    [16, 16, levels, "cpu", "16 networks of 3,591 to 112 weights: 1.1 us per network-step, nvidia-h200 1.3 us"],
    [20, 16, levels, "adapter", "20 networks of 3,591 to 112 weights: 1.1 us per network-step, cpu 1.1 us"],
    [64, 16, levels, "adapter", "64 networks of 3,591 to 112 weights: 0.33 us per network-step, cpu 1.1 us"],
    // A dense level alone is faster on the H200, pruned ones are not.
    [1, 2, [3591], "adapter", "1 network of 3,591 weights: 36 us per network-step, cpu 53 us"],
    [1, 2, [112], "cpu", "1 network of 112 weights: 4.4 us per network-step, nvidia-h200 16 us"],
  ] as const)("of %i networks on %i cores, levels of %j: %s", async (networks, cores, remaining, engine, reason) => {
    expect(await choose([work(networks, cores, [...remaining])])).toEqual({ engine, reason });
  });

  it("counts the levels of all works, since one engine trains them all", async () => {
    const [few, many] = [work(1, 2), work(12, 2)];
    expect((await choose([few])).engine).toBe("cpu");
    expect(await choose([few, many])).toEqual({
      engine: "adapter",
      reason: "13 networks of 3,591 to 112 weights: 3.3 us per network-step, cpu 9.8 us",
    });
  });

  it("takes each time for the number of networks that it was measured with", () => {
    const times = measuredTimes({ ...measured(112, 1, 16), networks: 2 }, { ...measured(3591, 1, 40), networks: 8 });
    const of = (weights: number) => ({ shape: small, batch: 64, weights });
    expect([1, 2, 4, 100].map((networks) => times.adapterUs(of(112), networks))).toEqual([16, 8, 8, 8]);
    expect([1, 2, 4, 100].map((networks) => times.adapterUs(of(3591), networks))).toEqual([40, 20, 10, 5]);
    // Half of the product of weights and batch between them; none beyond them.
    expect(times.adapterUs(of((112 + 3591) / 2), 1)).toBe(28);
    expect([times.adapterUs(of(5000), 1), times.adapterUs(of(1), 1)]).toEqual([40, 16]);
  });

  it("is the adapter at a tie", async () => {
    const tie = measuredTimes(measured(112, 10, 10), measured(3591, 30, 30));
    expect((await fasterEngine([work(1, 2)], "a", async () => tie)).engine).toBe("adapter");
  });
});

describe("the faster engine, by estimates alone", () => {
  it.each([
    [
      "1,000 networks",
      work(1000, 16),
      "1,000 networks of 3,591 to 112 weights: about 0.19 us per network-step, cpu about 1.2 us",
    ],
    ["100 networks on 2 cores", work(100, 2), /^100 networks.* about 0.25 us per network-step, cpu about 9.9 us$/],
    ["100 networks on 16 cores", work(100, 16), /^100 networks.* about 0.25 us per network-step, cpu about 1.2 us$/],
    [
      "MNIST-Fashion, 3 seeds",
      work(3, 16, [1_544_480, 500_000, 40_000], [1568, 784, 392, 20], 512),
      /^3 networks of 1,544,480 to 40,000 weights: about \d+ us per network-step, cpu about \d+,000 us$/,
    ],
    ["one network of 1.5 M weights", work(1, 16, [1_544_480], [1568, 784, 392, 20], 512), /^1 network of 1,544,480/],
  ] as const)("is the adapter for %s", async (_, one, reason) => {
    const choice = await fasterEngine([one], "nvidia-h200", unmeasured);
    expect(choice.engine).toBe("adapter");
    expect(choice.reason).toMatch(reason);
  });

  it("is measured where they are close, and estimated where there is no measurement", async () => {
    await expect(fasterEngine([work(4, 16)], "a", unmeasured)).rejects.toThrow("measured, although");
    const choice = await fasterEngine([work(1, 2)], "a", async () => undefined);
    expect(choice).toEqual({
      engine: "cpu",
      reason: "1 network of 3,591 to 112 weights: about 20 us per network-step, a about 25 us",
    });
  });
});

describe("levels that are evaluated more often than after every epoch", () => {
  const data = moonsCircles(0);
  const every = (evaluateEvery?: number) => evaluatedOf({ batch: 64, maxEpochs: 1, evaluateEvery }, data);

  it("have more validation samples to a step", () => {
    // 1,000 training samples in 16 steps, 1,000 validation samples.
    expect(every(1)).toEqual({ every: 1, samples: 1000 - 62.5 });
    expect(every(8)).toEqual({ every: 8, samples: 125 - 62.5 });
    expect([every(), every(16), every(100)]).toEqual([undefined, undefined, undefined]);
  });

  it("are estimated with what these cost", () => {
    const step = { shape: small, batch: 64, weights: 3591 };
    const often = { ...step, evaluated: every(1) };
    // Of 6 operations a training sample and 2 a validation sample, beside what a step and an evaluation take at least.
    expect(estimatedTimes.cpuUs(step)).toBeCloseTo(3 + (6 * 3591 * 64) / 25_000, 9);
    expect(estimatedTimes.cpuUs(often)).toBeCloseTo(6 + (3591 * (6 * 64 + 2 * 937.5)) / 25_000, 9);
    expect(estimatedTimes.adapterUs(often, 1)).toBeCloseTo(28 + 1.5e-4 * 3591 * (64 + 937.5 / 3), 9);
    const large = { shape: [784, 2000, 2], batch: 64, weights: 1_572_000, evaluated: every(1) };
    expect(estimatedTimes.adapterUs(large, 1)).toBeCloseTo(120 + (1_572_000 * (6 * 64 + 2 * 937.5)) / 20e6, 9);
    expect(estimatedTimes.cpuUs({ ...step, evaluated: every(8) })).toBeLessThan(estimatedTimes.cpuUs(often) / 3);
  });

  it.each([
    // Weights and interval; then steps of the measured epoch and of its interval, and validation samples of an evaluation.
    [3591, undefined, [15, 15, 960]],
    [3591, 1, [9, 1, 1000]],
    [3591, 4, [12, 4, 1000]],
    [3591, 15, [15, 15, 1000]],
    // An interval longer than what there is time for: as many validation samples to a step, 1,000 / 12.
    [60_000, 12, [3, 3, 250]],
    [3_000_000, 12, [1, 1, 83]],
  ])(
    "of %i weights every %j steps are measured with as many validation samples to a step",
    (weights, evaluateEvery, expected) => {
      const step = { shape: small, batch: 64, weights, evaluated: every(evaluateEvery) };
      const {
        batches,
        evaluateEvery: interval,
        dataset,
      } = shortDataset({ ...step, dataset: data, activation: "relu", networks: 1 });
      expect([batches, interval, dataset.validation.samples]).toEqual(expected);
      expect(dataset.train.samples).toBe(batches * 64);
    },
  );

  it("may be faster on the other engine", async () => {
    const [networks] = [work(1, 2, [3591, 112]).networks];
    const choose = (evaluated?: Evaluated) => {
      const one = { networks: networks.map((each) => ({ ...each, evaluated })), threads: 1 };
      return fasterEngine([one], "a", async () => undefined);
    };
    expect((await choose()).engine).toBe("cpu");
    expect((await choose(every(1))).engine).toBe("adapter");
  });

  it("lie between measured steps by their operations", () => {
    const few = { ...measured(112, 10, 16), evaluated: every(1) };
    const times = measuredTimes(measured(112, 2, 16), few);
    const middle = { shape: small, batch: 64, weights: 112, evaluated: { every: 2, samples: 937.5 / 2 } };
    expect(times.cpuUs(middle)).toBeCloseTo(6, 9);
  });
});

describe("estimated times", () => {
  /** Times in us per network and step, of one CPU (`bench/NOTES.md`) and of an H200 (2026-11-26). */
  it.each([
    [[4, 57, 57, 2], 64, 3591, 53, 35.5, 1],
    [[4, 57, 57, 2], 64, 3591, 53, 0.27, 1000],
    [[4, 57, 57, 2], 64, 112, 4.4, 15.5, 1],
    [[4, 57, 57, 2], 64, 112, 4.4, 0.1, 1000],
    [[4, 70, 70, 2], 64, 5320, undefined, 49, 1],
    [[4, 178, 178, 2], 64, 2000, undefined, 94, 1],
    [[4, 178, 178, 2], 64, 8000, undefined, 209, 1],
    [[4, 178, 178, 2], 64, 32_000, undefined, 315, 1],
    [[784, 300, 100, 10], 128, 266_200, 6300, 110, 1],
    [[1568, 784, 392, 20], 512, 1_544_480, undefined, 220, 3],
  ] as const)(
    "of %j, batch %i, %i weights are within a factor of 3",
    (shape, batch, weights, cpu, adapter, networks) => {
      const step = { shape, batch, weights };
      const factors = [estimatedTimes.adapterUs(step, networks) / adapter];
      if (cpu !== undefined) factors.push(estimatedTimes.cpuUs(step) / cpu);
      for (const factor of factors) {
        expect(factor).toBeLessThan(3);
        expect(factor).toBeGreaterThan(1 / 3);
      }
    },
  );
});
