import * as z from "zod";
import { type ColumnRange, columnCount, columnList, columnSet } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { JsonError, parseJsonText } from "../base/json.ts";
import { firstIssue } from "../base/schema_issue.ts";
import type { Task } from "../base/task.ts";
import { shown, visible } from "../base/visible.ts";
import { defaultLoss, losses } from "../loss/index.ts";

const example = "circles:2:1,moons:2:1";

const columnName = z.union([z.string().min(1), z.int().nonnegative()]);

/** Tasks that are declared by their columns, as JSON. */
export const namedTasksSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      inputs: z.array(columnName).min(1),
      targets: z.array(columnName).min(1),
      kind: z.enum(losses.names).optional(),
    }),
  )
  .min(1);

/** A column by its name, or by its position from 0. */
export type ColumnName = z.infer<typeof columnName>;

/** A task that is declared by its columns. */
export interface NamedTask {
  readonly name: string;
  readonly inputs: readonly ColumnName[];
  readonly targets: readonly ColumnName[];
  /** Name of its loss; by default that of a classification. */
  readonly kind?: string | undefined;
}

/** Tasks that are declared by their numbers of columns, side by side in column order. */
export type CountedTask = Task & { readonly inputs: ColumnRange; readonly outputs: ColumnRange };

/** Tasks as a user declares them: all by counts or all by columns. */
export type Declaration = { readonly counted: readonly CountedTask[] } | { readonly named: readonly NamedTask[] };

/** The fields of one task in a declaration. */
interface Fields {
  readonly part: string;
  readonly name: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly kind: string | undefined;
}

function fieldsOf(text: string): Fields[] {
  return text.split(",").map((given) => {
    const part = given.trim();
    const fields = part.split(":").map((field) => field.trim());
    if (fields.length !== 3 && fields.length !== 4) {
      throw new InputError(
        `tasks: "${shown(part)}" is not name:inputs:outputs or name:inputs:outputs:loss, as in ${example}`,
      );
    }
    const [name, inputs, outputs, kind] = fields;
    return { part, name, inputs, outputs, kind };
  });
}

function parseCount(text: string, what: string, part: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 65535) {
    throw new InputError(
      `tasks: "${shown(part)}" has ${what} "${shown(text)}", an integer from 1 to 65535 is needed, as in ${example}; a single column by position is written 0..0`,
    );
  }
  return count;
}

function countedTasks(fields: readonly Fields[]): CountedTask[] {
  let input = 0;
  let output = 0;
  const tasks = fields.map(({ part, name, kind, ...given }) => {
    const inputs = parseCount(given.inputs, "inputs", part);
    const outputs = parseCount(given.outputs, "outputs", part);
    const task = {
      name,
      kind: losses.get(kind ?? defaultLoss(outputs)).name,
      inputs: { start: input, count: inputs },
      outputs: { start: output, count: outputs },
    };
    input += inputs;
    output += outputs;
    return task;
  });
  checkNames(tasks);
  return tasks;
}

function isCounted({ inputs, outputs }: Fields): boolean {
  return /^\d+$/.test(inputs) && /^\d+$/.test(outputs);
}

/**
 * Reads the tasks of own data: as text, `circles:2:1,moons:2:1` by numbers of inputs and outputs in column order, or
 * `a:x1+x2:a,b:x2..x4:b` by columns, joined by `+`, `..` between the first and the last of several, `*` for all that are
 * no target; or as JSON. A fourth field names the loss, by default that of a classification. Where all fields are plain
 * numbers, they are counts.
 * @throws InputError naming the part that cannot be read, or a name given twice
 */
export function readDeclaration(given: string | readonly NamedTask[]): Declaration {
  if (typeof given !== "string") return { named: checkedNames(given) };
  const fields = fieldsOf(given);
  if (fields.every(isCounted)) return { counted: countedTasks(fields) };
  const columns = (text: string, part: string) =>
    text.split("+").map((name) => {
      if (name.trim() !== "") return name.trim();
      throw new InputError(`tasks: "${shown(part)}" names an empty column; join columns by +, as in a:x1+x2:a`);
    });
  return {
    named: checkedNames(
      fields.map(({ part, name, inputs, outputs, kind }) => ({
        name,
        inputs: columns(inputs, part),
        targets: columns(outputs, part),
        kind,
      })),
    ),
  };
}

function checkedNames(tasks: readonly NamedTask[]): readonly NamedTask[] {
  checkNames(tasks);
  return tasks.map((task) => ({ ...task, kind: task.kind === undefined ? undefined : losses.get(task.kind).name }));
}

/**
 * Reads the tasks of a network: `circles:2:1,moons:2:1` by numbers of inputs and outputs in their order, or by
 * positions from 0, such as `a:0+2:0,b:1..3:1`, where tasks may share inputs. A fourth field names the loss, by default
 * that of a classification: binary for one output, multi-class for more. Where all fields are plain numbers, they are
 * counts. By position also as JSON, such as `[{"name":"a","inputs":[0,2],"targets":[0]}]`.
 * @throws InputError naming the part that cannot be read, or a name given twice
 */
export function parseTasks(text: string): Task[] {
  const fields = isJson(text) ? fieldsOfJson(text) : fieldsOf(text);
  if (!isJson(text) && fields.every(isCounted)) return countedTasks(fields);
  const tasks = fields.map(({ part, name, kind, ...given }) => {
    const outputs = parsePositions(given.outputs, "outputs", part);
    return {
      name,
      kind: losses.get(kind ?? defaultLoss(columnCount(outputs))).name,
      inputs: parsePositions(given.inputs, "inputs", part),
      outputs,
    };
  });
  checkNames(tasks);
  return tasks;
}

function isJson(text: string): boolean {
  return /^\s*\[/.test(text);
}

function fieldsOfJson(text: string): Fields[] {
  const refuse = (reason: string) =>
    new InputError(`tasks: ${reason}; give JSON such as [{"name":"a","inputs":[0,2],"targets":[0]}]`);
  let content: unknown;
  try {
    content = parseJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuse(`"${shown(text)}" is ${error.message}`);
  }
  const checked = namedTasksSchema.safeParse(content);
  if (!checked.success) {
    const { field, reason } = firstIssue(checked.error);
    throw refuse(`${field || "the list"}: ${reason}`);
  }
  return checked.data.map(({ name, inputs, targets, kind }) => ({
    part: name,
    name,
    inputs: inputs.join("+"),
    outputs: targets.join("+"),
    kind,
  }));
}

/** True where tasks are declared by position: then an input may belong to no task. */
export function isByPosition(text: string): boolean {
  return isJson(text) || !fieldsOf(text).every(isCounted);
}

/** Positions of a task at most, before repeated ones count once: a layer has at most 65,535 neurons. */
const mostNamed = 2 ** 17;

/** `0+2..4` */
function parsePositions(text: string, what: string, part: string) {
  const positions = new Set<number>();
  let named = 0;
  for (const one of text.split("+")) {
    const [, first, last = first] = /^\s*(\d{1,5})(?:\.\.(\d{1,5}))?\s*$/.exec(one) ?? [];
    if (first === undefined || Number(last) < Number(first)) {
      throw new InputError(
        `tasks: "${shown(part)}" has ${what} "${shown(text)}", which is neither a number nor positions from 0 such as 0+2 or 1..3, as in ${example} or a:0+1:0..0,b:1..2:1`,
      );
    }
    named += Number(last) - Number(first) + 1;
    if (named > mostNamed) throw new InputError(`tasks: "${shown(part)}" names more than ${mostNamed} ${what}`);
    for (let position = Number(first); position <= Number(last); position++) positions.add(position);
  }
  return columnSet(positions);
}

function checkNames(tasks: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  tasks.forEach(({ name }, i) => {
    if (name.trim() === "") throw new InputError(`tasks: task ${i + 1} has an empty name; name it, as in ${example}`);
    if (visible(name) !== name) {
      throw new InputError(`tasks: the name "${shown(name)}" has characters that cannot be seen; choose another`);
    }
    // Scores are stored by the names of the tasks, and no object of JavaScript holds a value of that name.
    if (name === "__proto__") throw new InputError(`tasks: the name "${name}" cannot be stored; choose another`);
    if (names.has(name))
      throw new InputError(`tasks: the name "${shown(name)}" is given twice; each task needs its own`);
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
  if (width > columns && mayLeave) {
    throw new InputError(
      `tasks: "${owner.get(width - 1)}" has ${side} ${width - 1}, the network has ${columns}, numbered from 0; change the positions`,
    );
  }
  if (width > columns || (width < columns && !mayLeave)) {
    throw new InputError(
      `tasks: they have ${width} ${key} in all, the data or network has ${columns}; change the counts`,
    );
  }
}
