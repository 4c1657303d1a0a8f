import { formatAccuracy } from "../base/format.ts";
import type { Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import { losses } from "../loss/index.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { balancedAccuracy } from "./balanced_accuracy.ts";

/** The names of the tasks' scores, by task name: `accuracy`, `R²`. */
export type ScoreNames = Readonly<Record<string, string>>;

/**
 * The name of each task's score.
 * @param tasks none for a run that does not store its tasks
 */
export function scoreNames(tasks: readonly Task[] = []): ScoreNames {
  return Object.fromEntries(tasks.map(({ name, kind }) => [name, losses.get(kind).scoreName]));
}

/**
 * The name of one task's score. Runs that do not store their tasks are classifications, so the default is `accuracy`.
 */
export function scoreNameOf(task: string, names: ScoreNames = {}): string {
  return Object.hasOwn(names, task) ? names[task] : "accuracy";
}

/** The name that all given scores share; `score` where they have several names. */
export function sharedScoreName(names: readonly string[]): string {
  return new Set(names).size === 1 ? names[0] : "score";
}

/** A score's name at the start of a sentence. */
export function capitalised(name: string): string {
  return name[0].toUpperCase() + name.slice(1);
}

/** The parts of a level that its scores are told from. */
export type Scores = Pick<LevelRecord, "valAccuracy" | "valBalancedAccuracy" | "testAccuracy">;

/** `0.9833 (balanced 0.5000)`: the score of a task, and its balanced accuracy where that is another. */
export function formatScore(scores: Scores, task: string): string {
  const score = formatAccuracy(scores.valAccuracy[task]);
  const balanced = balancedAccuracy(scores, task);
  if (balanced === undefined || formatAccuracy(balanced) === score) return score;
  return `${score} (balanced ${formatAccuracy(balanced)})`;
}

/** The score of a task on the test split; `-` where there is none. */
export function testCell({ testAccuracy }: Pick<LevelRecord, "testAccuracy">, task: string): string {
  return testAccuracy && Object.hasOwn(testAccuracy, task) ? formatAccuracy(testAccuracy[task]) : "-";
}

/** `; on test moons 0.9980, circles 1.0000`: the scores on the test split, where levels are validated on other samples. */
function onTest({ testAccuracy }: Scores): string {
  if (!testAccuracy) return "";
  const tasks = Object.keys(testAccuracy);
  return `; on test ${tasks.map((task) => `${visible(task)} ${testCell({ testAccuracy }, task)}`).join(", ")}`;
}

/** `moons 0.9990, circles 1.0000`. */
export function listScores(scores: Scores): string {
  return Object.keys(scores.valAccuracy)
    .map((task) => `${visible(task)} ${formatScore(scores, task)}`)
    .join(", ")
    .concat(onTest(scores));
}

/**
 * `accuracy moons 0.9990, circles 1.0000, R² number 0.8700`: the name of a score stands once, before its first task.
 */
export function describeScores(scores: Scores, names?: ScoreNames): string {
  const tasks = Object.keys(scores.valAccuracy);
  return tasks
    .map((task, t) => {
      const name = scoreNameOf(task, names);
      const isNamed = t > 0 && scoreNameOf(tasks[t - 1], names) === name;
      return `${isNamed ? "" : `${name} `}${visible(task)} ${formatScore(scores, task)}`;
    })
    .join(", ")
    .concat(onTest(scores));
}
