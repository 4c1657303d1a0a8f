import type { Dataset, Split } from "./dataset.ts";
import { takeSamples } from "./split.ts";

/**
 * A dataset with the first samples of both splits, each with at least 1 sample.
 * @param samples number of training samples, from 1; all of them if the dataset has no more
 * @param validated number of validation samples, rounded; by default in proportion
 */
export function shortened(dataset: Dataset, samples: number, validated?: number): Dataset {
  const { train, validation, tasks } = dataset;
  const trained = Math.min(samples, train.samples);
  const wanted = validated ?? (trained * validation.samples) / train.samples;
  const kept = Math.min(validation.samples, Math.max(1, Math.round(wanted)));
  if (trained === train.samples && kept === validation.samples) return dataset;
  const first = (split: Split, count: number) =>
    count === split.samples
      ? split
      : takeSamples(
          split,
          Uint32Array.from({ length: count }, (_, row) => row),
          tasks.length,
        );
  return { ...dataset, train: first(train, trained), validation: first(validation, kept) };
}
