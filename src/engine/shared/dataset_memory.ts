import type { Dataset, Split } from "../../dataset/dataset.ts";
import { losses } from "../../loss/index.ts";
import { scoreSumStarts } from "../../loss/score_sums.ts";
import { padTo4 } from "../../network/parameters.ts";
import type { DataBuffer, Executor } from "./executor.ts";

/** Offsets of the parts of a dataset in one array of 32-bit words. */
export interface DatasetLayout {
  /** Words from one sample's inputs to the next; rows are padded to 4 inputs. */
  readonly sampleWords: number;
  /** Means of all inputs, then scales of all inputs. */
  readonly standardizationAt: number;
  /** For each task: number of its loss, first output, number of outputs, first score sum. */
  readonly tasksAt: number;
  readonly trainFeaturesAt: number;
  readonly validationFeaturesAt: number;
  /** Labels: [task][sample]. */
  readonly trainLabelsAt: number;
  readonly validationLabelsAt: number;
  readonly words: number;
}

export function datasetLayout({ inputs, tasks, train, validation }: Dataset): DatasetLayout {
  const sampleWords = train.features instanceof Uint8Array ? padTo4(inputs) / 4 : padTo4(inputs);
  let words = 0;
  const take = (count: number) => {
    words += count;
    return words - count;
  };
  const parts = {
    sampleWords,
    standardizationAt: take(2 * inputs),
    tasksAt: take(4 * tasks.length),
    trainFeaturesAt: take(train.samples * sampleWords),
    validationFeaturesAt: take(validation.samples * sampleWords),
    trainLabelsAt: take(train.labels.length),
    validationLabelsAt: take(validation.labels.length),
  };
  return { ...parts, words };
}

/** Bytes of a dataset on a device. */
export function deviceDatasetBytes(dataset: Dataset): number {
  return datasetLayout(dataset).words * 4;
}

/** Uploads a dataset to a buffer that all engines of one executor share. */
export function uploadDataset(executor: Executor, dataset: Dataset): DataBuffer {
  const at = datasetLayout(dataset);
  const buffer = executor.createBuffer("data", at.words * 4);
  const put = (part: ArrayBufferView, word: number) => executor.write(buffer, part, word * 4);
  put(dataset.mean, at.standardizationAt);
  put(dataset.scale, at.standardizationAt + dataset.inputs);
  const starts = scoreSumStarts(dataset.tasks);
  const tasks = dataset.tasks.flatMap(({ kind, outputs }, t) => [
    losses.get(kind).number,
    outputs.start,
    outputs.count,
    starts[t],
  ]);
  put(Uint32Array.from(tasks), at.tasksAt);
  put(paddedRows(dataset.train, dataset.inputs), at.trainFeaturesAt);
  put(paddedRows(dataset.validation, dataset.inputs), at.validationFeaturesAt);
  put(dataset.train.labels, at.trainLabelsAt);
  put(dataset.validation.labels, at.validationLabelsAt);
  return buffer;
}

/** A split's features with rows padded to a multiple of 4 inputs; not copied if no padding is needed. */
function paddedRows(split: Split, inputs: number): Float32Array | Uint8Array {
  const row = padTo4(inputs);
  if (row === inputs) return split.features;
  const { features, samples } = split;
  const padded = features instanceof Uint8Array ? new Uint8Array(samples * row) : new Float32Array(samples * row);
  for (let s = 0; s < samples; s++) padded.set(features.subarray(s * inputs, (s + 1) * inputs), s * row);
  return padded;
}
