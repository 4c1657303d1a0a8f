import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { type MoonsCirclesOptions, moonsCircles } from "../../src/dataset/moons_circles.ts";
import type { LevelJob, LevelSettings } from "../../src/engine/engine.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";

/**
 * A small network whose widths are not multiples of a tile, on data with an incomplete last batch: covers all edge
 * cases.
 */
export const shape = [4, 13, 9, 2];
const options: MoonsCirclesOptions = { samples: 300 };
export const dataset = moonsCircles(0, options);
/** The same points with a regression target for each task: the sum and the product of its inputs. */
export const regression: Dataset = {
  ...dataset,
  tasks: dataset.tasks.map((task) => ({ ...task, kind: "mse" })),
  train: numbersFor(dataset.train),
  validation: numbersFor(dataset.validation),
};
/** A regression target beside a class; no validation sample has class 0. */
export const mixed: Dataset = {
  ...dataset,
  tasks: dataset.tasks.map((task, t) => (t === 0 ? { ...task, kind: "mse" } : task)),
  train: { ...dataset.train, labels: labelled(regression.train, dataset.train) },
  validation: { ...dataset.validation, labels: labelled(regression.validation, dataset.validation).fill(1, 150) },
};
export const batch = 64;

/** The words of the first task of one split, then of the second task of another. */
function labelled(first: Split, second: Split): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(second.labels, (word, i) => (i < second.samples ? first.labels[i] : word));
}

function numbersFor(split: Split): Split {
  const { features, samples } = split;
  const targets = Array.from({ length: 2 * samples }, (_, i) => {
    const row = features.subarray((i % samples) * 4, (i % samples) * 4 + 4);
    return i < samples ? row[0] + row[1] : row[2] * row[3];
  });
  return { ...split, labels: wordsOf(targets) };
}

export const settings: LevelSettings = { optimizer: "adam", lr: 0.01, batch, maxEpochs: 6, patience: 6, keep: "last" };

/** Level 0 of the small network of a seed, with changes. */
export function jobOf(seed: number, change: Partial<LevelJob> = {}): LevelJob {
  const start = change.start ?? initialParameters(shape, seed);
  return { label: `seed ${seed}`, seed, level: 0, settings, start, mask: Mask.full(start.shape), ...change };
}
