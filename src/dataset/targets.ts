import { InputError } from "../base/errors.ts";
import type { TrainedTask } from "../base/task.ts";
import { defaultLoss, losses } from "../loss/index.ts";
import { wordsOf } from "../loss/label_words.ts";
import type { Table } from "./table.ts";

/**
 * Numbers of target columns that a table may have for its tasks: one per task (0 or 1, or a class index), or one per
 * output (0 or 1, or one-hot).
 */
export function targetColumnCounts(tasks: readonly TrainedTask[]): {
  readonly perTask: number;
  readonly perOutput: number;
} {
  return { perTask: tasks.length, perOutput: tasks.reduce((sum, task) => sum + task.outputs.count, 0) };
}

/**
 * Labels `[task][sample]` from the target columns of a table.
 * @param where names the file in messages
 * @throws InputError when the number of target columns fits neither form, or naming the cell that is not a label of its
 * task
 */
export function labelsOf(table: Table, tasks: readonly TrainedTask[], where: string): Uint32Array {
  const { samples, targets, targetColumns } = table;
  const { perTask, perOutput } = targetColumnCounts(tasks);
  if (targetColumns !== perTask && targetColumns !== perOutput) {
    throw new InputError(
      `${where}: ${targetColumns} target columns, the tasks need ${perTask} (one class index or 0/1 per task) or ${perOutput} (one 0/1 per output); change tasks= or the data`,
    );
  }
  const oneHot = targetColumns !== perTask;
  const labels = new Uint32Array(tasks.length * samples);
  tasks.forEach((task, k) => {
    const isNumber = losses.get(task.kind).labels === "number";
    const first = oneHot ? task.outputs.start : k;
    const columns = oneHot ? task.outputs.count : 1;
    for (let sample = 0; sample < samples; sample++) {
      const at = sample * targetColumns + first;
      labels[k * samples + sample] = isNumber
        ? wordsOf([targets[at]])[0]
        : columns > 1
          ? oneHotClass(table, task, sample, first)
          : classIndex(table, task, sample, first, targets[at]);
    }
  });
  return labels;
}

/** The class in one target column: 0 or 1 for a binary task, 0 to n - 1 for a multi-class one. */
function classIndex(table: Table, task: TrainedTask, sample: number, column: number, value: number): number {
  const highest = task.kind === "binary" ? 1 : task.outputs.count - 1;
  if (!Number.isInteger(value) || value < 0 || value > highest) {
    throw new InputError(
      `${table.targetPlace(sample, column)}: target ${value} of task "${task.name}" is not an integer from 0 to ${highest}; mend the data or tasks=`,
    );
  }
  return value;
}

/** The class in one-hot columns: exactly one is 1 and the others are 0. */
function oneHotClass(table: Table, task: TrainedTask, sample: number, first: number): number {
  let hot = -1;
  for (let column = 0; column < task.outputs.count; column++) {
    const value = table.targets[sample * table.targetColumns + first + column];
    if ((value !== 0 && value !== 1) || (value === 1 && hot >= 0)) {
      throw new InputError(
        `${table.targetPlace(sample, first + column)}: ${value} in the one-hot columns of task "${task.name}"; exactly one column is 1, the others 0`,
      );
    }
    if (value === 1) hot = column;
  }
  if (hot < 0) {
    throw new InputError(
      `${table.targetPlace(sample, first)}: no 1 in the ${task.outputs.count} one-hot columns of task "${task.name}"; exactly one column is 1, the others 0`,
    );
  }
  return hot;
}

/**
 * The single task over all columns, for data without declared tasks. Possible when there is one target column that
 * holds 0 and 1 (binary) or the integers 0 to n - 1 (multi-class).
 * @throws InputError that asks for `tasks=` otherwise
 */
export function soleTask(tables: readonly Table[], where: string): TrainedTask {
  const [{ inputs, targetColumns, targets }] = tables;
  const ask = (problem: string) =>
    new InputError(
      `${where}: ${problem}, so the tasks cannot be inferred; declare them, such as tasks=circles:2:1,moons:2:1`,
    );
  if (targetColumns !== 1) throw ask(`${targetColumns} target columns`);
  let highest = 0;
  for (const { targets: values } of tables) {
    for (let sample = 0; sample < values.length; sample++) {
      const value = values[sample];
      if (!Number.isInteger(value) || value < 0 || value > 65534) throw ask(`target ${value} is no class index`);
      highest = Math.max(highest, value);
    }
  }
  if (highest === 0) throw ask(`all ${targets.length} targets are 0`);
  return onlyTask({ inputs, outputs: highest === 1 ? 1 : highest + 1 });
}

/** The task of data without declared tasks: it has all inputs and all outputs. */
export function onlyTask({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }): TrainedTask {
  return {
    name: "task",
    kind: defaultLoss(outputs),
    inputs: { start: 0, count: inputs },
    outputs: { start: 0, count: outputs },
  };
}
