import { layerCount, weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { PopulationPlan } from "../population.ts";

/** What one worker trains: networks of one shape on one dataset, one after the other. */
export type TrainingPlan = Omit<PopulationPlan, "slots">;

/** Validation samples that go through the network at once: a quarter of an L1 cache holds a layer of 64 neurons of them. */
const validationColumns = 64;

/** Rounds up to the 8 columns that the kernels take at a time. */
export function padColumns(samples: number): number {
  return Math.ceil(samples / 8) * 8;
}

/** Columns of every activation matrix: a batch or a chunk of validation samples, whichever is more. */
export function matrixColumns({ dataset, batch }: TrainingPlan): number {
  const { train, validation } = dataset;
  const chunk = Math.min(validationColumns, validation.samples);
  return padColumns(Math.max(Math.min(batch, train.samples), chunk));
}

/** Bytes of a dataset in a module's memory. */
function datasetBytes({ train, validation, mean, scale }: Dataset): number {
  const splits = [train, validation].reduce(
    (sum, { features, labels, samples }) => sum + features.byteLength + labels.byteLength + samples * 4,
    0,
  );
  return splits + mean.byteLength + scale.byteLength;
}

/**
 * Bytes that one worker takes at most, known before the start: the dataset, the activations and their gradients, and for each
 * weight value, two moments, gradient, best value and the three numbers of its edge; on the host's side of the worker the
 * network's initial and trained values and where its parameters lie.
 */
export function workerBytes(plan: TrainingPlan): number {
  const { shape, dataset } = plan;
  const neurons = shape.reduce((sum, width) => sum + width, 0);
  const parameters = weightCount(shape) + neurons;
  const modules = datasetBytes(dataset) + 2 * neurons * matrixColumns(plan) * 4 + parameters * 4 * 8;
  return modules + parameters * 4 * 3 + layerCount(shape) * 1024;
}
