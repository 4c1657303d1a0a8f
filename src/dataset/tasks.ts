import { columnCount, columnList } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import type { Task, TrainedTask } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import { defaultLoss, losses } from "../loss/index.ts";

const example = "circles:2:1,moons:2:1";

function parseCount(text: string, what: string, part: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 65535) {
    throw new InputError(
      `tasks: "${part}" has ${what} "${text}", an integer from 1 to 65535 is needed, as in ${example}`,
    );
  }
  return count;
}

/**
 * Reads a declaration such as `circles:2:1,moons:2:1`: name, number of inputs and number of outputs of each task, in
 * the order of the columns, and optionally its loss. The default loss is that of a classification: binary for one
 * output, multi-class for more.
 * @throws InputError naming the part that cannot be read, or a name given twice
 */
export function parseTasks(text: string): TrainedTask[] {
  const tasks: TrainedTask[] = [];
  let input = 0;
  let output = 0;
  for (const part of text.split(",")) {
    const fields = part.split(":").map((field) => field.trim());
    if (fields.length !== 3 && fields.length !== 4) {
      throw new InputError(
        `tasks: "${part.trim()}" is not name:inputs:outputs or name:inputs:outputs:loss, as in ${example}`,
      );
    }
    const inputs = parseCount(fields[1], "inputs", part.trim());
    const outputs = parseCount(fields[2], "outputs", part.trim());
    tasks.push({
      name: fields[0],
      kind: losses.get(fields[3] ?? defaultLoss(outputs)).name,
      inputs: { start: input, count: inputs },
      outputs: { start: output, count: outputs },
    });
    input += inputs;
    output += outputs;
  }
  checkNames(tasks);
  return tasks;
}

function checkNames(tasks: readonly Task[]): void {
  const names = new Set<string>();
  tasks.forEach(({ name }, i) => {
    if (name.trim() === "") throw new InputError(`tasks: task ${i + 1} has an empty name; name it, as in ${example}`);
    if (visible(name) !== name) {
      throw new InputError(`tasks: the name "${visible(name)}" has characters that cannot be seen; choose another`);
    }
    if (names.has(name)) throw new InputError(`tasks: the name "${name}" is given twice; each task needs its own`);
    names.add(name);
  });
}

/**
 * Checks that tasks fit a network or dataset: each output belongs to exactly one task, each input to one or more.
 * @param inputs number of input columns
 * @param outputs number of output columns
 * @param mayLeaveInputs whether an input may belong to no task
 * @throws InputError naming the column without a task or with two, the sum that does not fit, or the name
 */
export function checkTasks(tasks: readonly Task[], inputs: number, outputs: number, mayLeaveInputs = false): void {
  checkNames(tasks);
  for (const task of tasks) {
    const count = columnCount(task.outputs);
    if ((losses.get(task.kind).outputs === "one") !== (count === 1)) {
      throw new InputError(
        `tasks: "${task.name}" is ${task.kind} with ${count} outputs; ${losses.entries.map(({ name, outputs: number }) => `${name} has ${number === "one" ? "1" : "2 or more"}`).join(", ")}`,
      );
    }
  }
  checkSide(tasks, "inputs", inputs, { mayShare: true, mayLeave: mayLeaveInputs });
  checkSide(tasks, "outputs", outputs, { mayShare: false, mayLeave: false });
}

function checkSide(
  tasks: readonly Task[],
  key: "inputs" | "outputs",
  columns: number,
  { mayShare, mayLeave }: { readonly mayShare: boolean; readonly mayLeave: boolean },
): void {
  const side = key.slice(0, -1);
  const owner = new Map<number, string>();
  for (const task of tasks) {
    for (const column of columnList(task[key])) {
      const other = owner.get(column);
      if (other !== undefined && !mayShare) {
        throw new InputError(
          `tasks: ${side} ${column} belongs to "${other}" and "${task.name}"; give each ${side} to one task`,
        );
      }
      owner.set(column, task.name);
    }
  }
  const width = Math.max(...owner.keys()) + 1;
  for (let column = 0; column < width && !mayLeave; column++) {
    if (!owner.has(column)) {
      throw new InputError(`tasks: ${side} ${column} belongs to no task; give each ${side} to one task`);
    }
  }
  if (width > columns || (width < columns && !mayLeave)) {
    throw new InputError(
      `tasks: they have ${width} ${key} in all, the data or network has ${columns}; change the counts`,
    );
  }
}
