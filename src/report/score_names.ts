import type { Task } from "../base/task.ts";
import { losses } from "../loss/index.ts";

/** What the scores of tasks are called, by task name: `accuracy`, `R²`. */
export type ScoreNames = Readonly<Record<string, string>>;

/** The name of each task's score. */
export function scoreNames(tasks: readonly Task[] = []): ScoreNames {
  return Object.fromEntries(tasks.map(({ name, kind }) => [name, losses.get(kind).scoreName]));
}
