import { InputError } from "../base/errors.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { Columns, Task } from "../base/task.ts";

/**
 * Checks that tasks fit a network. Tasks declared for a ticket from another source may not fit.
 * Columns of no task and columns shared by tasks are allowed.
 * @throws InputError when there is no task, or a task's columns are empty or lie outside the network's inputs or
 * outputs
 */
export function checkTaskColumns(tasks: readonly Task[], shape: Shape): void {
  if (tasks.length === 0)
    throw new InputError("tasks: none declared; declare at least one, with its inputs and outputs");
  for (const task of tasks) {
    checkColumns(task, "inputs", task.inputs, shape[0], shape);
    checkColumns(task, "outputs", task.outputs, shape[shape.length - 1], shape);
  }
}

function checkColumns(task: Task, side: "inputs" | "outputs", columns: Columns, width: number, shape: Shape): void {
  const { start, count } = columns;
  if (Number.isInteger(start) && Number.isInteger(count) && start >= 0 && count >= 1 && start + count <= width) return;
  throw new InputError(
    `task "${task.name}": ${count} ${side} from column ${start} do not fit shape ${formatShape(shape)} with ${width} ${side}; take at least 1, within columns 0 to ${width - 1}`,
  );
}
