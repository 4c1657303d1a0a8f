import type { Engine, LevelJob } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { benchmarkJob, checkTrained, type Difference, type Trained, trainAndRead } from "./check.ts";
import type { BenchmarkPopulation } from "./engines.ts";
import { measure, type Pace } from "./measure.ts";
import type { Ceilings, Throughput } from "./result.ts";
import { epochWork } from "./work.ts";

/** Settings of a timing. */
export interface Timing {
  readonly pace: Pace;
  /** Trains a level with the twins. */
  readonly twin: (job: LevelJob) => Promise<Trained>;
  /** The ceilings for comparison; undefined if they were not measured. */
  readonly ceilings: Ceilings | undefined;
  /** Factor of the ceilings: number of threads on the CPU, 1 for an adapter. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Times whole epochs of a population: all networks train the same number of epochs concurrently; the time is from the
 * start of the first to the end of the last. The first and the last network are compared with the twins before.
 * @throws RunError when a result is wrong; DeviceError when the device fails; the signal's reason
 */
export async function timeThroughput(
  engine: Engine,
  networks: BenchmarkPopulation,
  mask: Mask,
  timing: Timing,
): Promise<Throughput> {
  const { pace, ceilings, threads, signal } = timing;
  const { shape, dataset, batch, population, weights } = networks;
  const jobs = (epochs: number) =>
    Array.from({ length: population }, (_, seed) => benchmarkJob(networks, mask, seed, epochs));

  const check: Difference = { moveError: 0, lossError: 0 };
  const trained = await Promise.all(jobs(1).map((job) => trainAndRead(engine, job)));
  for (const job of [...new Set([0, population - 1])].map((seed) => benchmarkJob(networks, mask, seed))) {
    const difference = checkTrained(trained[job.seed], await timing.twin(job), job, engine.name);
    check.moveError = Math.max(check.moveError, difference.moveError);
    check.lossError = Math.max(check.lossError, difference.lossError);
  }

  const trial = async (epochs: number) => {
    const all = jobs(epochs);
    const startedAt = performance.now();
    await Promise.all(all.map(async (job) => (await engine.train(job)).release()));
    return performance.now() - startedAt;
  };
  const networkEpochMs = await measure(trial, population, pace, signal);

  const work = epochWork(mask, dataset, batch);
  const perSecond = 1000 / networkEpochMs.median;
  const share = (rate: number, ceiling: number | undefined) =>
    ceiling === undefined ? null : rate / 1e9 / (ceiling * threads);
  return {
    engine: engine.name,
    executor: engine.executor,
    shape: [...shape],
    batch,
    weights,
    population,
    trainSamples: dataset.train.samples,
    validationSamples: dataset.validation.samples,
    networkEpochMs,
    networkStepUs: (networkEpochMs.median * 1000) / Math.ceil(dataset.train.samples / batch),
    networkEpochsPerSecond: perSecond,
    weightUpdatesPerSecond: perSecond * work.weightUpdates,
    gflops: (perSecond * work.flops) / 1e9,
    arithmeticShare: share(perSecond * work.flops, ceilings?.arithmeticGflops.median),
    bandwidthShare: share(perSecond * work.bytes, ceilings?.bandwidthGbytes.median),
    check,
  };
}
