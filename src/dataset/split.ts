import * as z from "zod";
import { shareableBuffer } from "../base/buffers.ts";
import { InputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Dataset, Split } from "./dataset.ts";
import { standardize, unstandardized } from "./standardize.ts";

/** First coordinate of the streams of purpose `datasetSplit`, so that no two draws share random numbers. */
export const splitStreams = { holdout: 0, validation: 1, imageSubset: 2 } as const;

/**
 * The chosen samples of a split, in the order given, as copies.
 * @param rows sample indices within the split
 * @param tasks number of tasks, the rows of `labels`
 */
export function takeSamples(split: Split, rows: Uint32Array, tasks: number): Split {
  const inputs = split.features.length / split.samples;
  const count = rows.length * inputs;
  const features =
    split.features instanceof Uint8Array
      ? new Uint8Array(shareableBuffer(count))
      : new Float32Array(shareableBuffer(count * 4));
  const labels = new Uint32Array(shareableBuffer(tasks * rows.length * 4));
  rows.forEach((row, sample) => {
    features.set(split.features.subarray(row * inputs, (row + 1) * inputs), sample * inputs);
    for (let task = 0; task < tasks; task++) {
      labels[task * rows.length + sample] = split.labels[task * split.samples + row];
    }
  });
  return { samples: rows.length, features, labels };
}

/** A part of some samples: a share above 0 and below 1, or an integer from 1, which is a number of samples. */
export const partSchema = z.union([z.number().gt(0).lt(1), z.int().min(1)]);

/** How to give a part. */
export const givePart = "a share above 0 and below 1, or a number of samples from 1";

/**
 * Divides samples at random into two parts; both keep the order of the file.
 * @param samples number of samples
 * @param part the second part: a share of the samples above 0 and below 1, whose count is rounded, or their number, an integer
 * from 1
 * @param stream one of {@link splitStreams}
 * @param key names the part in the message
 * @returns sample indices of each part, ascending
 * @throws InputError when the part is neither, or leaves a part empty
 */
export function divideRows(
  samples: number,
  part: number,
  dataSeed: number,
  stream: number,
  key: string,
): [Uint32Array, Uint32Array] {
  const isShare = part > 0 && part < 1;
  if (!isShare && !(part >= 1 && Number.isInteger(part))) {
    throw new InputError(`${key}: ${part} is no part of the samples; give ${givePart}, such as 0.1 or 100`);
  }
  const second = isShare ? Math.round(samples * part) : part;
  if (!isShare && second >= samples) {
    throw new InputError(
      `${key}: ${second} samples of ${samples} leave none to train on; give at most ${samples - 1}, a share such as 0.1, or more samples`,
    );
  }
  if (second < 1 || second >= samples) {
    throw new InputError(
      `${key}: ${part} of ${samples} samples leaves ${samples - second} and ${second}; ` +
        "each part needs at least 1, so choose another share or more samples",
    );
  }
  const order = new RandomStream(dataSeed, "datasetSplit", stream).shuffled(samples);
  return [order.slice(second).sort(), order.slice(0, second).sort()];
}

/**
 * Divides a split by {@link divideRows}.
 * @param tasks number of tasks, the rows of `labels`
 * @throws InputError when the part is neither share nor number, or leaves a part empty
 */
export function divideAtRandom(
  split: Split,
  part: number,
  dataSeed: number,
  stream: number,
  tasks: number,
  key: string,
): [Split, Split] {
  const [first, second] = divideRows(split.samples, part, dataSeed, stream, key);
  return [takeSamples(split, first, tasks), takeSamples(split, second, tasks)];
}

/**
 * Validates on a random part of the training half in place of the test half, which becomes the dataset's `test`.
 * Mean and scale are computed from the remaining training samples; a dataset that is not standardised stays so.
 * @param part of the training samples that is held out, as of {@link divideRows}
 * @param dataSeed unsigned 32-bit integer
 * @throws InputError when the part is neither share nor number, or leaves a part empty
 */
export function validationSplit(dataset: Dataset, part: number, dataSeed: number): Dataset {
  const { inputs, tasks } = dataset;
  const [train, validation] = divideAtRandom(
    dataset.train,
    part,
    dataSeed,
    splitStreams.validation,
    tasks.length,
    "validation",
  );
  const constants = dataset.standardizes === false ? unstandardized(inputs) : standardize(train.features, inputs);
  return { ...dataset, train, validation, test: dataset.validation, ...constants };
}
