import { beforeAll, describe, expect, it } from "vitest";
import { trainTwin } from "../../src/benchmark/check.ts";
import { timeKernels } from "../../src/benchmark/kernel_times.ts";
import { kernelSize, kernelTraits } from "../../src/benchmark/kernel_work.ts";
import type { Timing } from "../../src/benchmark/throughput.ts";
import { TimingExecutor } from "../../src/benchmark/timing_executor.ts";
import type { Device } from "../../src/device/device.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import type { PreparedCall } from "../../src/engine/shared/executor.ts";
import { arithmeticCeiling } from "../../src/kernels/arithmetic_ceiling.ts";
import { bandwidthCeiling } from "../../src/kernels/bandwidth_ceiling.ts";
import { Mask } from "../../src/mask/mask.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";
import { sharedDevice } from "../kernels/harness.ts";

let device: Device;
beforeAll(async () => {
  device = await sharedDevice();
});

/** Computes on the device but returns artificial times: every run takes 20 us. */
class SteadyExecutor extends DeviceExecutor {
  override async runTimed(calls: readonly PreparedCall[], repeats: readonly number[]) {
    this.run(calls);
    return repeats.map((count) => ({ begin: 1000n, end: 1000n + 20_000n * BigInt(count) }));
  }
}

describe("TimingExecutor", () => {
  it("repeats a call until its pass lasts a millisecond, and tells the time of one run", async () => {
    const executor = new TimingExecutor(new SteadyExecutor(device), {
      mayRepeat: ({ name }) => name === "bandwidth_ceiling",
      endsEpoch: () => false,
    });
    await executor.load([bandwidthCeiling, arithmeticCeiling]);
    const [a, b] = ["a", "b"].map((label) => executor.createBuffer(label, 1024));
    const calls = [
      executor.prepare(arithmeticCeiling, { invocations: 1, rounds: 1 }, { factors: a, results: b }, 1),
      executor.prepare(bandwidthCeiling, { quads: 64, invocations: 64 }, { originals: a, copies: b }, 1),
    ];
    executor.epochsToTime = Number.POSITIVE_INFINITY;
    executor.run(calls);
    const first = await executor.takeTimes();
    expect(first.map(({ kernel, ns, repeats }) => [kernel.name, ns, repeats])).toEqual([
      ["arithmetic_ceiling", [20_000], 1],
    ]);
    executor.run(calls);
    executor.run(calls);
    const later = await executor.takeTimes();
    expect(later.map(({ kernel, ns, repeats }) => [kernel.name, ns, repeats])).toEqual([
      ["arithmetic_ceiling", [20_000, 20_000], 1],
      ["bandwidth_ceiling", [20_000, 20_000], 50],
    ]);
    expect(executor.clockGrainNs).toBe(1000);
    executor.destroy();
  });

  it("times no call after the last epoch that is to be timed, and runs it all the same", async () => {
    const executor = new TimingExecutor(new SteadyExecutor(device), {
      mayRepeat: () => false,
      endsEpoch: ({ name }) => name === "bandwidth_ceiling",
    });
    await executor.load([bandwidthCeiling, arithmeticCeiling]);
    const buffers = ["a", "b", "c"].map((label) => executor.createBuffer(label, 1024));
    const [a, b, c] = buffers;
    const step = executor.prepare(arithmeticCeiling, { invocations: 1, rounds: 1 }, { factors: a, results: b }, 1);
    const copy = (originals: typeof a, copies: typeof a) =>
      executor.prepare(bandwidthCeiling, { quads: 64, invocations: 64 }, { originals, copies }, 1);
    const end = copy(a, b);
    executor.write(a, new Float32Array(256).fill(3));
    executor.epochsToTime = 2;
    executor.run([step, step, end]);
    executor.run([step, end, step, copy(a, c)]);
    executor.run([step, end]);
    const times = await executor.takeTimes();
    expect(times.map(({ kernel, ns }) => [kernel.name, ns.length])).toEqual([
      ["arithmetic_ceiling", 3],
      ["bandwidth_ceiling", 2],
    ]);
    expect(new Float32Array(await executor.read(c, 0, 1024))).toEqual(new Float32Array(256).fill(3));
    executor.destroy();
  });

  it("times each call in order, runs of a short one many times over, and computes the same", async () => {
    const executor = new TimingExecutor(new DeviceExecutor(device), { mayRepeat: () => true, endsEpoch: () => false });
    await executor.load([bandwidthCeiling]);
    const buffer = (label: string) => executor.createBuffer(label, 1024);
    const [originals, between, copies] = ["originals", "between", "copies"].map(buffer);
    executor.write(
      originals,
      Float32Array.from({ length: 256 }, (_, k) => k),
    );
    const uniform = { quads: 64, invocations: 64 };
    const calls = [
      executor.prepare(bandwidthCeiling, uniform, { originals, copies: between }, 1),
      executor.prepare(bandwidthCeiling, { ...uniform, quads: 32 }, { originals: between, copies }, 1),
    ];
    executor.run(calls);
    expect(await executor.takeTimes()).toEqual([]);
    executor.epochsToTime = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 12; round++) {
      executor.run(calls);
      await executor.takeTimes();
    }
    executor.run(calls);
    const times = await executor.takeTimes();
    const copied = new Float32Array(await executor.read(copies, 0, 1024));
    expect([...copied]).toEqual(Array.from({ length: 256 }, (_, k) => (k < 128 ? k : 0)));
    expect(times.map(({ uniform: { quads }, ns }) => [quads, ns.length])).toEqual([
      [64, 1],
      [32, 1],
    ]);
    for (const { ns, repeats } of times) {
      expect(ns[0]).toBeGreaterThan(0);
      expect(ns[0]).toBeLessThan(1e8);
      expect(repeats).toBeGreaterThan(1);
    }
    expect(executor.clockGrainNs).toBeGreaterThanOrEqual(1);
    executor.destroy();
  });
});

describe("timeKernels", () => {
  const mask = Mask.full(shape);
  const timing: Timing = {
    // Rounds enough for the repeats of every call to settle, also on a machine that stops for a while.
    pace: { trialMs: 1, caseMs: 100, leastTrials: 1 },
    twin: (job) => trainTwin(job, dataset),
    ceilings: undefined,
    threads: 1,
    signal: undefined,
  };
  const networks = { shape, dataset, batch, population: 2, weights: mask.count() };

  it("gives a figure for every kernel of a tiled step, by size", async () => {
    const times = await timeKernels("tiled", device, networks, mask, timing);
    if ("reason" in times) throw new Error(times.reason);
    const names = times.calls.map(({ kernel, size }) => `${kernel} ${size}`.trim());
    expect(names.slice(0, 5)).toEqual([
      "gather_batch 4 inputs, 64 samples",
      "dense_forward 4 to 13, 64 samples",
      "dense_forward 13 to 9, 64 samples",
      "dense_forward 9 to 2, 64 samples",
      "task_loss 64 samples",
    ]);
    expect(new Set(names).size).toBe(names.length);
    const forward = times.calls[1];
    expect(forward.gflops).toBeCloseTo((2 * 2 * 52 * 64) / forward.us.median / 1000, 9);
    // Trials of 1, 2, 4 .. epochs; calls submitted after the end of the levels are not counted.
    const calls = (kernel: string) => times.calls.find((one) => one.kernel === kernel)?.calls ?? 0;
    expect(Math.log2(calls("early_stopping") + 1) % 1).toBe(0);
    expect(calls("task_loss")).toBe(Math.ceil(dataset.train.samples / batch) * calls("early_stopping"));
    expect(times.calls[4]).toMatchObject({ gflops: null, gbytes: null, arithmeticShare: null });
  });

  it("counts what the resident kernel trained", async () => {
    const times = await timeKernels("resident", device, networks, mask, timing);
    if ("reason" in times) throw new Error(times.reason);
    expect(times.calls.map(({ kernel, size, gbytes }) => [kernel, size, gbytes])).toEqual([
      ["resident_epoch", kernelSize(bandwidthCeiling, {}, mask), null],
    ]);
    expect(times.calls[0].gflops).toBeGreaterThan(0);
    expect(kernelTraits.mayRepeat({ ...bandwidthCeiling, name: "resident_epoch" })).toBe(false);
  });

  it("says why there is no room", async () => {
    const huge = { ...networks, population: 2 ** 20 };
    const noMemory = { reason: expect.stringMatching(/^memory for \d+ at a time$/) };
    expect(await timeKernels("tiled", device, huge, mask, timing)).toEqual(noMemory);
    expect(await timeKernels("resident", device, huge, mask, timing)).toEqual(noMemory);
    expect(await timeKernels("resident", device, { ...networks, weights: 32769 }, mask, timing)).toEqual({
      reason: "more than 32768 weights, the most for one workgroup",
    });
  });
});
