import type { Shape } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { crossovers, residentMostEdges } from "../../engine/adapter/cost.ts";
import { type LengthKeys, levelSteps } from "../../network/level_steps.ts";

/** One optimiser step of one network. */
export interface Step {
  readonly shape: Shape;
  /** Mini-batch size in samples, from 1; at most the training split. */
  readonly batch: number;
  /** Number of kept weights. */
  readonly weights: number;
  /** Undefined: evaluated after every epoch, or less often. */
  readonly evaluated?: Evaluated | undefined;
}

/** How a level is evaluated more often than after every epoch. */
export interface Evaluated {
  /** Steps between two evaluations, from 1. */
  readonly every: number;
  /** Validation samples per step, as a mean, beyond those of an evaluation after every epoch; above 0. */
  readonly samples: number;
}

/** How the levels of a network are evaluated; undefined where that is after every epoch, or less often. */
export function evaluatedOf(keys: LengthKeys, { train, validation }: Dataset): Evaluated | undefined {
  const { perEpoch, evaluateEvery: every } = levelSteps(keys, train.samples);
  return every < perEpoch ? { every, samples: validation.samples * (1 / every - 1 / perEpoch) } : undefined;
}

/** Times of a step by engine, the share of the validation included. */
export interface StepTimes {
  /** Time of a step on one thread of the CPU engine, in us. */
  cpuUs(step: Step): number;
  /**
   * Time per network and step on the adapter, in us.
   * @param networks number of networks that train at the same time, from 1
   */
  adapterUs(step: Step, networks: number): number;
}

/** Multiply-adds of a weight for a training sample, forward and twice backward, and for a validation sample, forward: each counts as two operations. */
const [trainingOperations, validationOperations] = [6, 2];

/** Operations of a step: those of evaluations after every epoch are part of the measured rates. */
export function operations({ weights, batch, evaluated }: Step): number {
  return weights * (trainingOperations * batch + validationOperations * (evaluated?.samples ?? 0));
}

/** The CPU engine on one core of an AMD EPYC (Zen 5): us of a step without weights, and operations per us. */
const [cpuLeastUs, cpuRate] = [3, 25_000];
/** The resident kernel on an H200: us of a step without weights and per weight and sample, and networks side by side. */
const [residentLeastUs, residentWeightUs, multiprocessors] = [14, 1.5e-4, 132];
/** The tiled kernels on an H200: us of the launches of a step, networks that share them, operations per us. */
const [launchesUs, networksPerLaunch, tiledRate] = [60, 64, 20e6];

/** Times that a step pays what does not grow with its weights: an evaluation takes as many launches and loops as a step, by assumption. */
const passes = ({ evaluated }: Step) => 1 + (evaluated ? 1 / evaluated.every : 0);

/**
 * Estimated times, by what `bench/NOTES.md` has of one CPU and of an NVIDIA H200: within a factor of 3 of the times that
 * were measured there, with an evaluation after every epoch. On other machines both engines may be several times slower.
 */
export const estimatedTimes: StepTimes = {
  cpuUs: (step) => passes(step) * cpuLeastUs + operations(step) / cpuRate,
  adapterUs: (step, networks) => {
    const { shape, batch, weights } = step;
    if (weights > residentMostEdges(shape, batch, crossovers.gpu)) {
      return (passes(step) * launchesUs) / Math.min(networks, networksPerLaunch) + operations(step) / tiledRate;
    }
    const work = operations(step) / trainingOperations;
    return (passes(step) * residentLeastUs + residentWeightUs * work) / Math.min(networks, multiprocessors);
  },
};

/** A step and its measured times. */
export interface MeasuredStep extends Step {
  /** Time of a step on one thread of the CPU engine, in us. */
  readonly cpuUs: number;
  /** Time on the adapter of a step of `networks` networks that train at the same time, in us. */
  readonly adapterUs: number;
  readonly networks: number;
}

/**
 * Times between and beyond two measured ones, linear in the operations. The adapter is taken to train no
 * more networks at the same time than were measured, and fewer in the same time.
 */
export function measuredTimes(smallest: MeasuredStep, largest: MeasuredStep): StepTimes {
  const range = operations(largest) - operations(smallest);
  const between = (step: Step, low: number, high: number) => {
    const share = range === 0 ? 1 : Math.min(1, Math.max(0, (operations(step) - operations(smallest)) / range));
    return low + share * (high - low);
  };
  const perNetworkUs = (measured: MeasuredStep, networks: number) =>
    measured.adapterUs / Math.min(networks, measured.networks);
  return {
    cpuUs: (step) => between(step, smallest.cpuUs, largest.cpuUs),
    adapterUs: (step, networks) => between(step, perNetworkUs(smallest, networks), perNetworkUs(largest, networks)),
  };
}
