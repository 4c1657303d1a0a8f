import { columnCount, columnList } from "../base/columns.ts";
import { feistelHalfBits, orderKeys, permutedIndex } from "../base/random.ts";
import type { TrainedTask } from "../base/task.ts";
import type { Dataset, Split } from "../dataset/dataset.ts";
import { numbersOf } from "../loss/label_words.ts";
import { classCounts, isClassification, labelWords } from "./scores.ts";

/** Most samples of each split, and most products of all distances of a dataset: some 50 ms. */
const [mostSamples, mostProducts] = [1000, 3e7];
/** Fewest samples of a split, and of its second most frequent class, that say anything. */
const [fewestSamples, fewestOfClass] = [40, 5];
/**
 * Standard deviations above chance that count as better: of labels that are coin flips, one of the two predictions
 * exceeds it by chance in one case of fifty.
 */
const betterThanChance = 2.33;

/** How well two predictions that need no training agree with the validation targets of a task. */
export interface Probe {
  /** Samples of each split that were looked at. */
  readonly train: number;
  readonly validation: number;
  /** Of the nearest training sample, and of the nearest class mean (a linear fit for a regression). */
  readonly nearest: Agreement;
  readonly linear: Agreement;
}

interface Agreement {
  /** Share of the samples that are predicted right; for a regression, the correlation. */
  readonly share: number;
  /** Standard deviations above what the same predictions reach on shuffled targets. */
  readonly aboveChance: number;
}

/** Whether neither prediction is better than chance. */
export function isLikeChance({ nearest, linear }: Probe): boolean {
  return Math.max(nearest.aboveChance, linear.aboveChance) < betterThanChance;
}

/**
 * Predicts the validation targets of a task from the inputs of the task by its nearest training sample and by its
 * nearest class mean (a linear fit for a regression), on a fixed random part of the samples.
 * @returns undefined where there are too few samples to say anything
 */
export function probeTask(dataset: Dataset, t: number): Probe | undefined {
  const task = dataset.tasks[t];
  const products = mostProducts / dataset.tasks.length / columnCount(task.inputs);
  const most = Math.min(mostSamples, Math.floor(Math.sqrt(products)));
  const train = takePart(dataset, dataset.train, t, most);
  const validation = takePart(dataset, dataset.validation, t, most);
  if (Math.min(train.samples, validation.samples) < fewestSamples) return undefined;
  const isClass = isClassification(task);
  if (isClass && [train, validation].some(({ words }) => secondCount(task, words) < fewestOfClass)) return undefined;
  const judge = (predicted: Float64Array) =>
    isClass ? agreement(task, predicted, validation.words) : correlation(predicted, numbersOf(validation.words));
  const targets = isClass ? train.words : numbersOf(train.words);
  return {
    train: train.samples,
    validation: validation.samples,
    nearest: judge(Float64Array.from(nearestOf(train, validation), (sample) => targets[sample])),
    linear: judge(isClass ? nearestMeans(task, train, validation) : linearFit(train, validation)),
  };
}

/** Standardised inputs `[sample][input]` of a task, and its label words. */
interface Part {
  readonly samples: number;
  readonly inputs: number;
  readonly values: Float32Array;
  readonly words: Uint32Array;
}

function takePart({ tasks, inputs, mean, scale }: Dataset, split: Split, t: number, most: number): Part {
  const columns = columnList(tasks[t].inputs);
  const samples = Math.min(split.samples, most);
  const words = new Uint32Array(samples);
  const values = new Float32Array(samples * columns.length);
  const all = labelWords(split, t);
  const [keys, halfBits] = [orderKeys(0, 0, 0), feistelHalfBits(split.samples)];
  for (let sample = 0; sample < samples; sample++) {
    const row = permutedIndex(sample, split.samples, halfBits, keys);
    words[sample] = all[row];
    columns.forEach((column, i) => {
      const value = split.features[row * inputs + column];
      values[sample * columns.length + i] = (value - mean[column]) * scale[column];
    });
  }
  return { samples, inputs: columns.length, values, words };
}

/** Samples of the second most frequent class. */
function secondCount(task: TrainedTask, words: Uint32Array): number {
  return classCounts(task, words).sort((a, b) => b - a)[1];
}

/** The nearest of `among` for each sample of `of`. */
function nearestOf(among: Part, of: Part): Uint32Array {
  const { inputs } = among;
  return Uint32Array.from({ length: of.samples }, (_, sample) => {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (let other = 0; other < among.samples; other++) {
      let distance = 0;
      for (let i = 0; i < inputs && distance < least; i++) {
        const difference = of.values[sample * inputs + i] - among.values[other * inputs + i];
        distance += difference * difference;
      }
      if (distance < least) [nearest, least] = [other, distance];
    }
    return nearest;
  });
}

/** The class with the nearest mean for each sample. */
function nearestMeans(task: TrainedTask, train: Part, validation: Part): Float64Array {
  const { inputs } = train;
  const counts = classCounts(task, train.words);
  const present = counts.flatMap((count, label) => (count > 0 ? [label] : []));
  const values = new Float32Array(present.length * inputs);
  train.words.forEach((label, sample) => {
    const row = present.indexOf(label) * inputs;
    for (let i = 0; i < inputs; i++) values[row + i] += train.values[sample * inputs + i] / counts[label];
  });
  const means = { samples: present.length, inputs, values, words: Uint32Array.from(present) };
  return Float64Array.from(nearestOf(means, validation), (row) => present[row]);
}

/** The sum of the inputs, each times its covariance with the target. */
function linearFit(train: Part, validation: Part): Float64Array {
  const { inputs } = train;
  const targets = numbersOf(train.words);
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  const slopes = new Float64Array(inputs);
  targets.forEach((target, sample) => {
    for (let i = 0; i < inputs; i++) slopes[i] += train.values[sample * inputs + i] * (target - mean);
  });
  return Float64Array.from({ length: validation.samples }, (_, sample) =>
    slopes.reduce((sum, slope, i) => sum + slope * validation.values[sample * inputs + i], 0),
  );
}

/**
 * Share of right predictions, and its distance from the mean over all orders of the labels, in standard deviations of
 * the same (Hoeffding, "A combinatorial central limit theorem", 1951, theorem 2).
 */
export function agreement(task: TrainedTask, predicted: Float64Array, words: Uint32Array): Agreement {
  const samples = words.length;
  const guesses = classCounts(task, Uint32Array.from(predicted));
  const labels = classCounts(task, words);
  const share = words.reduce((sum, word, sample) => sum + (word === predicted[sample] ? 1 : 0), 0) / samples;
  const chance = guesses.reduce((sum, count, label) => sum + count * labels[label], 0) / samples ** 2;
  let squares = 0;
  guesses.forEach((guess, c) => {
    labels.forEach((label, d) => {
      if (guess > 0 && label > 0) {
        const deviation = (c === d ? 1 : 0) - labels[c] / samples - guesses[d] / samples + chance;
        squares += guess * label * deviation ** 2;
      }
    });
  });
  const deviation = Math.sqrt(squares / (samples - 1));
  return { share, aboveChance: deviation > 0 ? ((share - chance) * samples) / deviation : 0 };
}

/** Correlation of two rows of numbers; over all orders of the targets its standard deviation is 1 / sqrt(n - 1). */
function correlation(predicted: Float64Array, targets: Float32Array): Agreement {
  const samples = targets.length;
  const meanOf = (row: ArrayLike<number>) => Array.from(row).reduce((sum, value) => sum + value, 0) / samples;
  const [first, second] = [meanOf(predicted), meanOf(targets)];
  let [products, squares, others] = [0, 0, 0];
  targets.forEach((target, sample) => {
    const [a, b] = [predicted[sample] - first, target - second];
    products += a * b;
    squares += a * a;
    others += b * b;
  });
  const share = squares > 0 && others > 0 ? products / Math.sqrt(squares * others) : 0;
  return { share, aboveChance: share * Math.sqrt(samples - 1) };
}
