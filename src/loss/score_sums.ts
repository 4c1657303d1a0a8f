import type { TrainedTask } from "../base/task.ts";
import { losses } from "./index.ts";
import type { Loss } from "./loss.ts";

/**
 * Where the score sums of each task start among those of a network; the last entry is the number of all of them.
 * @returns [tasks + 1]
 */
export function scoreSumStarts(tasks: readonly Pick<TrainedTask, "kind" | "outputs">[]): readonly number[] {
  const starts = [0];
  for (const { kind, outputs } of tasks) starts.push(starts[starts.length - 1] + losses.get(kind).sums(outputs.count));
  return starts;
}

/**
 * Adds a validation sample to the score sums of its task, as kernels store them: for a class, the number of its samples
 * that are answered wrong; for a number, the bits of an f32 sum.
 * @param words score sums of the task
 * @param word the sample's label word
 * @param score the sample's score
 */
export function addScore(words: Uint32Array, { labels, sumOf }: Loss, word: number, score: number): void {
  const at = sumOf(word);
  if (labels === "class") words[at] += 1 - score;
  else new Float32Array(words.buffer, words.byteOffset, words.length)[at] += score;
}
