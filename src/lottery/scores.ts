import type { Task, TrainedTask } from "../base/task.ts";
import type { Dataset, Split } from "../dataset/dataset.ts";
import { losses } from "../loss/index.ts";

/** How a network answered the validation samples, by task name in the dataset's order. */
export interface LevelScores {
  /** Share of right answers, or R² of a regression. */
  readonly valAccuracy: Readonly<Record<string, number>>;
  /** Mean recall over the classes that occur; classifications only. */
  readonly valBalancedAccuracy: Readonly<Record<string, number>>;
  /** The tasks at or below their {@link baselines}, in the dataset's order. */
  readonly lost: readonly string[];
}

/** Whether a task's labels are classes; a regression's are numbers. */
export function isClassification({ kind }: Task): boolean {
  return losses.get(kind).labels === "class";
}

/** The label words of a task in a split. */
export function labelWords({ labels, samples }: Split, task: number): Uint32Array {
  return labels.subarray(task * samples, (task + 1) * samples);
}

/**
 * Samples of each class of a classification.
 * @returns entry c counts class c; two entries for a binary task, one for each output otherwise
 */
export function classCounts({ kind, outputs }: TrainedTask, words: Uint32Array): number[] {
  const counts = new Array<number>(losses.get(kind).sums(outputs.count)).fill(0);
  for (const word of words) counts[word]++;
  return counts;
}

/**
 * Scores a level.
 * @param sums per task, of a classification the right answers of each class over the validation samples, of a
 * regression the sum of squared errors
 */
export function levelScores({ tasks, validation }: Dataset, sums: readonly (readonly number[])[]): LevelScores {
  const valAccuracy: Record<string, number> = {};
  const valBalancedAccuracy: Record<string, number> = {};
  const lost: string[] = [];
  tasks.forEach((task, t) => {
    const words = labelWords(validation, t);
    const { scale, score } = losses.get(task.kind);
    valAccuracy[task.name] = score(sums[t], scale(words));
    if (isClassification(task)) {
      const counts = classCounts(task, words);
      valBalancedAccuracy[task.name] = meanRecall(sums[t], counts);
      const right = sums[t].reduce((sum, count) => sum + count, 0);
      if (right <= Math.max(...counts)) lost.push(task.name);
    } else if (valAccuracy[task.name] <= 0) lost.push(task.name);
  });
  return { valAccuracy, valBalancedAccuracy, lost };
}

/** The mean recall over the classes that occur. */
export function meanRecall(right: readonly number[], counts: readonly number[]): number {
  const recalls = counts.flatMap((count, label) => (count > 0 ? [right[label] / count] : []));
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

/**
 * The score of each task, by task name, that needs no look at the inputs: the share of the most frequent class among
 * the validation samples, or 0, the R² of the mean.
 */
export function baselines({ tasks, validation }: Dataset): Record<string, number> {
  return Object.fromEntries(
    tasks.map((task, t) => [
      task.name,
      isClassification(task) ? Math.max(...classCounts(task, labelWords(validation, t))) / validation.samples : 0,
    ]),
  );
}
