import { InputError } from "../base/errors.ts";
import type { Task } from "../base/task.ts";
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
export function parseTasks(text: string): Task[] {
  const tasks: Task[] = [];
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
    if (names.has(name)) throw new InputError(`tasks: the name "${name}" is given twice; each task needs its own`);
    names.add(name);
  });
}

/**
 * Checks that each input and each output of a network or dataset belongs to exactly one task.
 * @param inputs number of input columns
 * @param outputs number of output columns
 * @throws InputError naming the column without a task or with two, the sum that does not fit, or the name
 */
export function checkTasks(tasks: readonly Task[], inputs: number, outputs: number): void {
  checkNames(tasks);
  for (const task of tasks) {
    const { outputs: wanted } = losses.get(task.kind);
    if ((wanted === "one") !== (task.outputs.count === 1)) {
      throw new InputError(
        `tasks: "${task.name}" is ${task.kind} with ${task.outputs.count} outputs; ${losses.entries.map(({ name, outputs: number }) => `${name} has ${number === "one" ? "1" : "2 or more"}`).join(", ")}`,
      );
    }
  }
  for (const [key, columns] of [
    ["inputs", inputs],
    ["outputs", outputs],
  ] as const) {
    const side = key.slice(0, -1);
    const sum = tasks.reduce((total, task) => total + task[key].count, 0);
    const owner = new Map<number, string>();
    for (const task of tasks) {
      const { start, count } = task[key];
      for (let column = start; column < start + count; column++) {
        const other = owner.get(column);
        if (other !== undefined) {
          throw new InputError(
            `tasks: ${side} ${column} belongs to "${other}" and "${task.name}"; give each ${side} to one task`,
          );
        }
        owner.set(column, task.name);
      }
    }
    if (sum !== columns) {
      throw new InputError(
        `tasks: they have ${sum} ${key} in all, the data or network has ${columns}; change the counts`,
      );
    }
    for (let column = 0; column < columns; column++) {
      if (!owner.has(column)) {
        throw new InputError(`tasks: ${side} ${column} belongs to no task; give each ${side} to one task`);
      }
    }
  }
}
