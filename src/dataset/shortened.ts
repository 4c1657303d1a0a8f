import type { Dataset } from "./dataset.ts";
import { takeSamples } from "./split.ts";

/**
 * A dataset with the first samples of both splits, the validation split in proportion; both keep at least 1 sample.
 * @param samples number of training samples, from 1; the dataset itself if it has no more
 */
export function shortened(dataset: Dataset, samples: number): Dataset {
  const { train, validation, tasks } = dataset;
  if (samples >= train.samples) return dataset;
  const validated = Math.max(1, Math.round((samples * validation.samples) / train.samples));
  const rows = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);
  return {
    ...dataset,
    train: takeSamples(train, rows(samples), tasks.length),
    validation: takeSamples(validation, rows(validated), tasks.length),
  };
}
