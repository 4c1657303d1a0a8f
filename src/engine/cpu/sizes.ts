import { weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { parameterLayout } from "../../network/parameters.ts";
import type { NetworkSize } from "../plan.ts";

/** What one worker trains: networks of any of these sizes on one dataset, one after the other. */
export interface TrainingPlan {
  readonly networks: readonly NetworkSize[];
  readonly dataset: Dataset;
  /** Of the hidden layers; default relu. */
  readonly activation?: string;
}

/** Validation samples that go through the network at once: a quarter of an L1 cache holds a layer of 64 neurons of them. */
const validationColumns = 64;

/** Rounds up to the 8 columns that the kernels take at a time. */
export function padColumns(samples: number): number {
  return Math.ceil(samples / 8) * 8;
}

/** Columns of every activation matrix: a batch or a chunk of validation samples, whichever is more. */
export function matrixColumns({ train, validation }: Dataset, batch: number): number {
  const chunk = Math.min(validationColumns, validation.samples);
  return padColumns(Math.max(Math.min(batch, train.samples), chunk));
}

/** Bytes of a dataset, in a module's memory or outside. */
export function hostDatasetBytes({ train, validation, mean, scale }: Dataset): number {
  const splits = [train, validation].reduce(
    (sum, { features, labels, samples }) => sum + features.byteLength + labels.byteLength + samples * 4,
    0,
  );
  return splits + mean.byteLength + scale.byteLength;
}

/**
 * Bytes that a worker's module takes at most, known before the start: the dataset, and for the largest network the activations
 * and their gradients, and for each weight value, two moments, gradient, best value and the three numbers of its edge.
 */
export function moduleBytes({ networks, dataset }: TrainingPlan): number {
  const largest = networks.map(({ shape, batch }) => {
    const neurons = shape.reduce((sum, width) => sum + width, 0);
    return 2 * neurons * matrixColumns(dataset, batch) * 4 + (weightCount(shape) + neurons) * 4 * 8;
  });
  return hostDatasetBytes(dataset) + Math.max(...largest);
}

/**
 * Bytes that one worker takes at most, the dataset that it was handed aside: its module, and of the largest network the initial
 * and trained values and where its parameters lie.
 */
export function workerBytes(plan: TrainingPlan): number {
  const parameters = Math.max(...plan.networks.map(({ shape }) => parameterLayout(shape).length));
  return moduleBytes(plan) + parameters * 4 * 3;
}
