import type { Shape } from "../../base/shape.ts";
import { crossovers, residentMostEdges } from "../../engine/adapter/cost.ts";

/** One optimiser step of one network. */
export interface Step {
  readonly shape: Shape;
  /** Mini-batch size in samples, from 1; at most the training split. */
  readonly batch: number;
  /** Number of kept weights. */
  readonly weights: number;
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

/** Multiply-adds of the forward pass and both backward passes count as 6 operations per weight and sample. */
const operationsPerWeight = 6;
const operations = ({ weights, batch }: Step) => operationsPerWeight * weights * batch;

/** The CPU engine on one core of an AMD EPYC (Zen 5): us of a step without weights, and operations per us. */
const [cpuLeastUs, cpuRate] = [3, 25_000];
/** The resident kernel on an H200: us of a step without weights and per weight and sample, and networks side by side. */
const [residentLeastUs, residentWeightUs, multiprocessors] = [14, 1.5e-4, 132];
/** The tiled kernels on an H200: us of the launches of a step, networks that share them, operations per us. */
const [launchesUs, networksPerLaunch, tiledRate] = [60, 64, 20e6];

/**
 * Estimated times, by what `bench/NOTES.md` has of one CPU and of an NVIDIA H200: within a factor of 3 of the times that
 * were measured there. On other machines both engines may be several times slower.
 */
export const estimatedTimes: StepTimes = {
  cpuUs: (step) => cpuLeastUs + operations(step) / cpuRate,
  adapterUs: (step, networks) => {
    const { shape, batch, weights } = step;
    if (weights > residentMostEdges(shape, batch, crossovers.gpu)) {
      return launchesUs / Math.min(networks, networksPerLaunch) + operations(step) / tiledRate;
    }
    return (residentLeastUs + residentWeightUs * weights * batch) / Math.min(networks, multiprocessors);
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
 * Times between and beyond two measured ones, linear in the product of weights and batch. The adapter is taken to train no
 * more networks at the same time than were measured, and fewer in the same time.
 */
export function measuredTimes(smallest: MeasuredStep, largest: MeasuredStep): StepTimes {
  const size = ({ weights, batch }: Step) => weights * batch;
  const range = size(largest) - size(smallest);
  const between = (step: Step, low: number, high: number) => {
    const share = range === 0 ? 1 : Math.min(1, Math.max(0, (size(step) - size(smallest)) / range));
    return low + share * (high - low);
  };
  const perNetworkUs = (measured: MeasuredStep, networks: number) =>
    measured.adapterUs / Math.min(networks, measured.networks);
  return {
    cpuUs: (step) => between(step, smallest.cpuUs, largest.cpuUs),
    adapterUs: (step, networks) => between(step, perNetworkUs(smallest, networks), perNetworkUs(largest, networks)),
  };
}
