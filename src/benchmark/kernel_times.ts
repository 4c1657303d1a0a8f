import type { Device } from "../device/device.ts";
import { DeviceExecutor } from "../engine/shared/device_executor.ts";
import type { Mask } from "../mask/mask.ts";
import { benchmarkJob, checkTrained, trainAndRead } from "./check.ts";
import { type BenchmarkPopulation, openOnAdapter } from "./engines.ts";
import { kernelSize, kernelTraits, kernelWork } from "./kernel_work.ts";
import type { KernelTime } from "./result.ts";
import { spreadOf } from "./statistics.ts";
import type { Timing } from "./throughput.ts";
import { type TimedCall, TimingExecutor } from "./timing_executor.ts";
import { epochWork } from "./work.ts";

/** Times of the kernels of an engine, or the reason why there are none. */
export type KernelTimes =
  | { readonly calls: readonly KernelTime[]; readonly clockGrainNs: number }
  | { readonly reason: string };

/**
 * Times every kernel call of training on a device with timestamps. Calls of the same kernel and size form one figure.
 * @throws RunError when the trained network is wrong; DeviceError when the device fails; the signal's reason
 */
export async function timeKernels(
  engineName: "resident" | "tiled",
  device: Device,
  networks: BenchmarkPopulation,
  mask: Mask,
  timing: Timing,
): Promise<KernelTimes> {
  const executor = new TimingExecutor(new DeviceExecutor(device), kernelTraits);
  const opened = await openOnAdapter(engineName, executor, device, networks);
  if ("reason" in opened) {
    executor.destroy();
    return opened;
  }
  const { engine } = opened;
  try {
    const jobs = (epochs: number) =>
      Array.from({ length: networks.population }, (_, seed) => benchmarkJob(networks, mask, seed, epochs));
    const [first] = await Promise.all(jobs(1).map((job) => trainAndRead(engine, job)));
    const checked = benchmarkJob(networks, mask, 0);
    checkTrained(first, await timing.twin(checked), checked, engine.name);

    const trainAll = async (epochs: number) => {
      executor.epochsToTime = epochs;
      await Promise.all(jobs(epochs).map(async (job) => (await engine.train(job)).release()));
    };
    // The first epoch determines the repeats of each call and warms up the kernels; its times are discarded.
    await trainAll(1);
    await executor.takeTimes();
    let trainedEpochs = 0;
    const startedAt = performance.now();
    for (let epochs = 1; performance.now() - startedAt < 2 * timing.pace.caseMs; epochs *= 2) {
      timing.signal?.throwIfAborted();
      await trainAll(epochs);
      trainedEpochs += epochs;
    }
    executor.epochsToTime = 0;
    const trainedFlops = trainedEpochs * networks.population * epochWork(mask, networks.dataset, networks.batch).flops;
    const calls = figures(await executor.takeTimes(), engine.name, networks, mask, timing, trainedFlops);
    return { calls, clockGrainNs: executor.clockGrainNs };
  } finally {
    engine.close();
    executor.destroy();
  }
}

function figures(
  timed: readonly TimedCall[],
  engine: string,
  { shape, batch, weights, population }: BenchmarkPopulation,
  mask: Mask,
  { ceilings }: Timing,
  trainedFlops: number,
): KernelTime[] {
  const groups = new Map<string, TimedCall[]>();
  for (const call of timed) {
    const key = `${call.kernel.name}, ${kernelSize(call.kernel, call.uniform, mask)}`;
    groups.set(key, [...(groups.get(key) ?? []), call]);
  }
  return [...groups.values()].map((calls) => {
    const [{ kernel, uniform }] = calls;
    const ns = calls.flatMap((call) => call.ns);
    const us = spreadOf(ns.map((value) => value / 1000));
    // The work of a resident call varies, so all trained work is distributed over the total time.
    const sumNs = ns.reduce((sum, value) => sum + value, 0);
    const resident =
      kernel.name === "resident_epoch" ? { flops: (trainedFlops * us.median * 1000) / sumNs, bytes: 0 } : undefined;
    const work = resident ?? kernelWork(kernel, uniform, population, mask);
    const rate = (amount: number | undefined) => (amount ? amount / us.median / 1000 : null);
    const [gflops, gbytes] = [rate(work?.flops), rate(work?.bytes)];
    const share = (value: number | null, most: number | undefined) =>
      value === null || most === undefined ? null : value / most;
    return {
      engine,
      shape: [...shape],
      batch,
      weights,
      population,
      kernel: kernel.name,
      size: kernelSize(kernel, uniform, mask),
      calls: ns.length,
      us,
      gflops,
      gbytes,
      arithmeticShare: share(gflops, ceilings?.arithmeticGflops.median),
      bandwidthShare: share(gbytes, ceilings?.bandwidthGbytes.median),
    };
  });
}
