import { type Columns, isRange } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { Task } from "../base/task.ts";

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
  const bound = `do not fit shape ${formatShape(shape)} with ${width} ${side}; take at least 1, within columns 0 to ${width - 1}`;
  if (isRange(columns)) {
    const { start, count } = columns;
    const fits = Number.isInteger(start) && Number.isInteger(count) && start >= 0 && count >= 1;
    if (fits && start + count <= width) return;
    throw new InputError(`task "${task.name}": ${count} ${side} from column ${start} ${bound}`);
  }
  const outside = columns.filter((column) => !Number.isInteger(column) || column < 0 || column >= width);
  if (columns.length > 0 && outside.length === 0) return;
  throw new InputError(`task "${task.name}": ${side} [${outside.join(", ")}] ${bound}`);
}
