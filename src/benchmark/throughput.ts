import type { Engine, NetworkStart, TrainingNetwork } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import { checkTrained, type Difference, settings, type Trained, trainOnce } from "./check.ts";
import type { Fleet } from "./engines.ts";
import { measure, type Pace } from "./measure.ts";
import type { Ceilings, Throughput } from "./result.ts";
import { epochWork } from "./work.ts";

/** The network of a seed, as every engine and the twins get it. */
export function networkStart(mask: Mask, seed: number): NetworkStart {
  return { label: `seed ${seed}`, seed, initial: initialParameters(mask.shape, seed), mask };
}

/** What every timing of a fleet needs to know. */
export interface Timing {
  readonly pace: Pace;
  /** The network of a seed after an epoch, by the twins. */
  readonly twin: (start: NetworkStart) => Promise<Trained>;
  /** The ceilings that the engine is held against, where they were measured. */
  readonly ceilings: Ceilings | undefined;
  /** How many of what has these ceilings compute: threads of a CPU, 1 for an adapter. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Times whole epochs of a population: all networks train the same number of epochs side by side, from when the first is started
 * to when the last has ended. The first and the last are held against the twins before.
 * @throws RunError when a result is wrong; DeviceError when the device fails; the signal's reason
 */
export async function timeThroughput(engine: Engine, fleet: Fleet, mask: Mask, timing: Timing): Promise<Throughput> {
  const { pace, ceilings, threads, signal } = timing;
  const { shape, dataset, batch, population, weights } = fleet;
  const starts = Array.from({ length: population }, (_, seed) => networkStart(mask, seed));
  const hasSeats = engine.slots >= population;
  const seated = hasSeats ? await Promise.all(starts.map((start) => engine.admit(start))) : [];
  /** Lets every network do something, in a slot of its own or of whoever leaves one. */
  const everyone = (act: (network: TrainingNetwork, k: number) => Promise<void>) =>
    Promise.all(
      starts.map(async (start, k) => {
        if (hasSeats) return act(seated[k], k);
        const network = await engine.admit(start);
        try {
          await act(network, k);
        } finally {
          network.release();
        }
      }),
    );

  const trained: Trained[] = [];
  await everyone(async (network, k) => {
    const result = await trainOnce(network);
    if (k === 0 || k === population - 1) trained[k] = result;
  });
  const check: Difference = { moveError: 0, lossError: 0 };
  for (const k of new Set([0, population - 1])) {
    const difference = checkTrained(trained[k], await timing.twin(starts[k]), starts[k], engine.name);
    check.moveError = Math.max(check.moveError, difference.moveError);
    check.lossError = Math.max(check.lossError, difference.lossError);
  }

  const trial = async (epochs: number) => {
    const startedAt = performance.now();
    await everyone(async (network) => {
      await network.train(0, settings(epochs));
    });
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
