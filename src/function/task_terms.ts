import { columnList } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import { losses } from "../loss/index.ts";

/** Standardised samples with their targets, which a network's answers are scored on. */
export interface ScoredSamples {
  readonly samples: number;
  /** `[input * samples + sample]`, standardised. */
  readonly inputs: Float64Array;
  readonly tasks: readonly Task[];
  /** Label words `[task][sample]`: a class, or the bits of an f32. */
  readonly labels: readonly Uint32Array[];
}

/** A difference of two scores on the same samples, with the bounds of its 95 % interval. */
export interface ScoreDrop {
  /** The score with the change. */
  readonly score: number;
  /** The score without the change minus that with it. */
  readonly drop: number;
  readonly low: number;
  readonly high: number;
}

/** 97.5 % point of the standard normal distribution. */
const z = 1.959963984540054;

/**
 * Terms by task and sample, whose mean over the samples is the score of the task: 1 for a right answer and 0 for a wrong one, or
 * 1 - n e² / sum of (y - mean)² for a regression of error e, the mean of which is R².
 * @param outputs weighted sums of the outputs, `[output * samples + sample]`
 */
export function scoreTerms({ samples, tasks, labels }: ScoredSamples, outputs: Float64Array): Float64Array[] {
  return tasks.map((task, t) => {
    const { evaluate, labels: kind, scale } = losses.get(task.kind);
    const columns = columnList(task.outputs);
    const total = kind === "class" ? undefined : scale(labels[t]);
    return Float64Array.from({ length: samples }, (_, s) => {
      const { score } = evaluate(
        columns.map((output) => outputs[output * samples + s]),
        labels[t][s],
      );
      return total === undefined ? score : 1 - (samples * score) / total;
    });
  });
}

/** The mean of some terms. */
export function scoreOf(terms: Float64Array): number {
  return terms.reduce((sum, term) => sum + term, 0) / terms.length;
}

/**
 * What a change costs a task: the mean of the paired differences of its terms, with the normal 95 % interval of this mean. Where no
 * answer changes, all three are exactly 0.
 */
export function scoreDrop(before: Float64Array, after: Float64Array): ScoreDrop {
  const count = before.length;
  const drop = before.reduce((sum, term, s) => sum + (term - after[s]), 0) / count;
  const variance = before.reduce((sum, term, s) => sum + (term - after[s] - drop) ** 2, 0) / Math.max(1, count - 1);
  const half = z * Math.sqrt(variance / count);
  return { score: scoreOf(after), drop, low: drop - half, high: drop + half };
}
