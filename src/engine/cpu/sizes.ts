import { weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { parameterLayout } from "../../network/parameters.ts";
import type { NetworkSize } from "../plan.ts";

/** What one worker trains: networks of these sizes on one dataset, one after another. */
export interface TrainingPlan {
  readonly networks: readonly NetworkSize[];
  readonly dataset: Dataset;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
}

/** Maximum number of validation samples per forward pass: 64 neurons of 64 samples fill a quarter of an L1 cache. */
const validationColumns = 64;

/** Rounds up to a multiple of the 8 columns that the kernels process at a time. */
export function padColumns(samples: number): number {
  return Math.ceil(samples / 8) * 8;
}

/** Columns of an activation matrix: the larger of the batch and the chunk of validation samples. */
export function matrixColumns({ train, validation }: Dataset, batch: number): number {
  const chunk = Math.min(validationColumns, validation.samples);
  return padColumns(Math.max(Math.min(batch, train.samples), chunk));
}

/** Bytes of a dataset in the memory of a module or in main memory. */
export function hostDatasetBytes({ train, validation, mean, scale }: Dataset): number {
  const splits = [train, validation].reduce(
    (sum, { features, labels, samples }) => sum + features.byteLength + labels.byteLength + samples * 4,
    0,
  );
  return splits + mean.byteLength + scale.byteLength;
}

/**
 * Maximum bytes of a worker's module: the dataset and, for the largest network, the activations and their gradients,
 * and for each weight its value, two moments, gradient, best value and the three numbers of its edge.
 */
export function moduleBytes({ networks, dataset }: TrainingPlan): number {
  const largest = networks.map(({ shape, batch }) => {
    const neurons = shape.reduce((sum, width) => sum + width, 0);
    return 2 * neurons * matrixColumns(dataset, batch) * 4 + (weightCount(shape) + neurons) * 4 * 8;
  });
  return hostDatasetBytes(dataset) + Math.max(...largest);
}

/**
 * Maximum bytes of one worker, without the dataset that it receives: its module and, for the largest network, the
 * initial and trained values and the indices of its parameters.
 */
export function workerBytes(plan: TrainingPlan): number {
  const parameters = Math.max(...plan.networks.map(({ shape }) => parameterLayout(shape).length));
  return moduleBytes(plan) + parameters * 4 * 3;
}
