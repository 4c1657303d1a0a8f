import { type Columns, columnSet } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { shown } from "../base/visible.ts";
import type { ColumnName, Declaration, NamedTask } from "./tasks.ts";

/** Names that an unknown one is compared with. */
const mostCompared = 10_000;

/** The columns of a table before its tasks are known. */
export interface FileColumns {
  /** Names, "" for a column without one; undefined where the table has none: columns are then known by position from 0. */
  readonly names: readonly string[] | undefined;
  readonly width: number;
  /** Names the file in messages. */
  readonly where: string;
}

/** A task before its targets are read. */
export interface WantedTask {
  readonly name: string;
  /** Name of its loss; undefined: that of a classification. */
  readonly kind?: string | undefined;
  /** Its inputs among the inputs of the network. */
  readonly inputs: Columns;
  /** Its target columns among those of the table. */
  readonly targets: readonly number[];
  /** Number of its outputs; undefined: as many as the targets have classes. */
  readonly outputs?: number | undefined;
}

/** The columns that are read, ascending, and the tasks on them. */
export interface ChosenColumns {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly tasks: readonly WantedTask[];
  readonly notes: readonly string[];
}

/**
 * Chooses the columns of a table that holds inputs and targets side by side. Declared by counts, inputs come first and
 * targets follow; declared by name, they may be anywhere, and other columns are left out; without a declaration, the
 * last column is the target of one task. A first column without a name is an index that pandas wrote, and is left out
 * unless the counts need it.
 * @throws InputError when a column is not there, or a column is input and target
 */
export function chooseColumns(file: FileColumns, declared: Declaration | undefined): ChosenColumns {
  if (declared && "named" in declared) return chooseNamed(file, declared.named);
  const { width, where } = file;
  const all = Array.from({ length: width }, (_, column) => column);
  const targetCounts = declared && targetColumnCounts(declared.counted);
  const inputCount = declared?.counted.reduce((sum, { inputs }) => sum + inputs.count, 0);
  const fits = (columns: number) => targetCounts?.includes(columns - (inputCount ?? 0)) === true;
  const hasIndex = isIndex(file.names) && (inputCount === undefined || !fits(width) || fits(width - 1));
  const columns = hasIndex ? all.slice(1) : all;
  const inputs = inputCount ?? columns.length - 1;
  const targets = columns.length - inputs;
  if (targets < 1 || inputs < 1) {
    const needed = targetCounts
      ? `${inputs} inputs and ${targetCounts.join(" or ")} targets`
      : "1 input and 1 target at least";
    throw new InputError(`${where}: ${columns.length} columns, ${needed} are needed; change tasks= or the data`);
  }
  const tasks = declared ? countedTasks(declared.counted, targets, where) : [soleTask(inputs, targets, where)];
  return {
    inputs: columns.slice(0, inputs),
    targets: columns.slice(inputs),
    tasks,
    notes: [...(hasIndex ? [indexNote(file)] : []), ...otherTargetNotes(file, tasks, columns.slice(inputs))],
  };
}

/** A line for each task that takes by its place another target than the one with its name. */
function otherTargetNotes({ names, where }: FileColumns, tasks: readonly WantedTask[], columns: readonly number[]) {
  return tasks.flatMap(({ name, targets: [first, ...others] }) => {
    const taken = names?.[columns[first]];
    if (others.length > 0 || taken === name || !columns.some((column) => names?.[column] === name)) return [];
    return [
      `${where}: task "${name}" takes the target "${taken}" by its place, though another is named "${name}"; name the columns in tasks=, such as ${name}:x1+x2:${name}, to take that`,
    ];
  });
}

/**
 * Chooses the inputs of arrays of inputs and targets that lie apart, such as those of an npz file. Declared by position,
 * an input of no task is left out.
 * @throws InputError when a column is not there
 */
export function chooseOfArrays(
  inputs: number,
  targets: number,
  declared: Declaration | undefined,
  where: string,
): Pick<ChosenColumns, "inputs" | "tasks" | "notes"> {
  const all = Array.from({ length: inputs }, (_, i) => i);
  if (!declared) return { inputs: all, tasks: [soleTask(inputs, targets, where)], notes: [] };
  if ("counted" in declared) {
    return { inputs: all, tasks: countedTasks(declared.counted, targets, where), notes: [] };
  }
  const [ofInputs, ofTargets] = [inputs, targets].map((width) => ({ names: undefined, width, where }));
  const inputsOf = declared.named.map((task) => inputsOfTask(task, all, ofInputs));
  const chosen = ascending(inputsOf.flat());
  const place = new Map(chosen.map((column, i) => [column, i]));
  return {
    inputs: chosen,
    tasks: declared.named.map(({ name, kind, targets: ofTask }, k) => ({
      name,
      kind,
      inputs: columnSet(inputsOf[k].flatMap((column) => place.get(column) ?? [])),
      targets: positionsOf(ofTask, ofTargets),
    })),
    notes: leftOut(
      all.filter((column) => !place.has(column)),
      ofInputs,
    ),
  };
}

/** The task of a table without declared tasks: all inputs and the only target. */
function soleTask(inputs: number, targets: number, where: string): WantedTask {
  if (targets !== 1) {
    throw new InputError(
      `${where}: ${targets} target columns, so the tasks cannot be inferred; declare them, such as tasks=circles:2:1,moons:2:1`,
    );
  }
  return { name: "task", inputs: { start: 0, count: inputs }, targets: [0] };
}

/** A task that is declared by its numbers of columns. */
interface CountedTask {
  readonly name: string;
  readonly kind: string;
  readonly inputs: { readonly start: number; readonly count: number };
  readonly outputs: { readonly start: number; readonly count: number };
}

/** Numbers of target columns that fit: one per task (0 or 1, or a class), or one per output (0 or 1, or one-hot). */
function targetColumnCounts(tasks: readonly CountedTask[]): [perTask: number, perOutput: number] {
  return [tasks.length, tasks.reduce((sum, { outputs }) => sum + outputs.count, 0)];
}

function countedTasks(tasks: readonly CountedTask[], targets: number, where: string): WantedTask[] {
  const [perTask, perOutput] = targetColumnCounts(tasks);
  if (targets !== perTask && targets !== perOutput) {
    throw new InputError(
      `${where}: ${targets} target columns, the tasks need ${perTask} (one class index or 0/1 per task) or ${perOutput} (one 0/1 per output); change tasks= or the data`,
    );
  }
  return tasks.map(({ name, kind, inputs, outputs }, k) => ({
    name,
    kind,
    inputs,
    targets: targets === perTask ? [k] : Array.from({ length: outputs.count }, (_, i) => outputs.start + i),
    outputs: outputs.count,
  }));
}

function chooseNamed(file: FileColumns, tasks: readonly NamedTask[]): ChosenColumns {
  const { names, width, where } = file;
  const targetsOf = tasks.map((task) => positionsOf(task.targets, file));
  const targets = ascending(targetsOf.flat());
  const hasIndex = isIndex(names);
  const all = Array.from({ length: width }, (_, column) => column);
  const others = all.filter((column) => !targets.includes(column) && !(hasIndex && column === 0));
  const inputsOf = tasks.map((task) => inputsOfTask(task, others, file));
  const inputs = ascending(inputsOf.flat());
  const both = inputs.find((column) => targets.includes(column));
  if (both !== undefined) {
    throw new InputError(`${where}: column ${nameOf(both, file)} is an input and a target; make it one of them`);
  }
  const read = new Set([...inputs, ...targets]);
  const left = all.filter((column) => !read.has(column));
  const place = new Map(inputs.map((column, i) => [column, i]));
  return {
    inputs,
    targets,
    tasks: tasks.map(({ name, kind }, k) => ({
      name,
      kind,
      inputs: columnSet(inputsOf[k].flatMap((column) => place.get(column) ?? [])),
      targets: targetsOf[k].map((column) => targets.indexOf(column)),
    })),
    notes: leftOut(left, file),
  };
}

/** The inputs of a task; `*` stands for `all`, to which other names may add. */
function inputsOfTask({ inputs }: NamedTask, all: readonly number[], file: FileColumns): readonly number[] {
  const named = positionsOf(
    inputs.filter((name) => name !== "*"),
    file,
  );
  return inputs.includes("*") ? ascending([...all, ...named]) : named;
}

function leftOut(columns: readonly number[], file: FileColumns): string[] {
  if (columns.length === 0) return [];
  const shown = columns.slice(0, 8).map((column) => nameOf(column, file));
  const more = columns.length > 8 ? ` and ${columns.length - 8} more` : "";
  const how = file.names ? "" : ", by position from 0";
  return [`${file.where}: columns of no task left out${how}: ${shown.join(", ")}${more}`];
}

/** Whether columns are the first ones, in their order. */
export function isFirst(columns: readonly number[]): boolean {
  return columns.every((column, i) => column === i);
}

function ascending(columns: readonly number[]): number[] {
  return [...new Set(columns)].sort((a, b) => a - b);
}

/** True where the first column is an index as `DataFrame.to_csv` writes it. */
function isIndex(names: readonly string[] | undefined): boolean {
  return names !== undefined && names.length > 1 && /^(|Unnamed: 0(\.\d+)?)$/.test(names[0]) && names[1] !== "";
}

function indexNote({ names, where }: FileColumns): string {
  return `${where}: column 1 ("${names?.[0]}") is taken as the index of the rows and left out; name it in the header to use it`;
}

function nameOf(column: number, { names }: FileColumns): string {
  return names?.[column] ? `"${shown(names[column])}"` : `${column}`;
}

/**
 * The positions of columns by name; `first..last` names a range. Columns of a table without names, and numbers in JSON,
 * are positions from 0.
 */
function positionsOf(wanted: readonly ColumnName[], file: FileColumns): number[] {
  const { width, where } = file;
  const columns = new Set<number>();
  const add = (column: number) => {
    // At once, so that ranges within each other are not all written out.
    if (columns.has(column)) {
      throw new InputError(`${where}: column ${nameOf(column, file)} is given twice for one task; give it once`);
    }
    columns.add(column);
  };
  for (const name of wanted) {
    const one = typeof name === "number" ? name : positionOf(name, file);
    if (one !== undefined) {
      if (one >= width) {
        throw new InputError(`${where}: column ${one} is not there, columns are 0 to ${width - 1}; change tasks=`);
      }
      add(one);
      continue;
    }
    const [, from, to] = /^(.+)\.\.(.+)$/s.exec(String(name)) ?? [];
    const [first, last] = [from, to].map((end) => (end === undefined ? undefined : positionOf(end, file)));
    if (first === undefined || last === undefined || last >= width) throw unknownColumn(String(name), file);
    if (last < first) {
      throw new InputError(`${where}: "${shown(String(name))}" in tasks= runs backwards; give the first column first`);
    }
    for (let column = first; column <= last; column++) add(column);
  }
  return [...columns];
}

function positionOf(name: string, { names, where }: FileColumns): number | undefined {
  if (!names) return /^\d+$/.test(name) ? Number(name) : undefined;
  const first = names.indexOf(name);
  if (first >= 0 && names.lastIndexOf(name) !== first) {
    throw new InputError(
      `${where}: columns ${first + 1} and ${names.lastIndexOf(name) + 1} both have the name "${shown(name)}"; rename one, or give positions from 0 in the JSON form of tasks`,
    );
  }
  return first >= 0 ? first : undefined;
}

function unknownColumn(name: string, { names, width, where }: FileColumns): InputError {
  if (!names) {
    return new InputError(
      `${where}: column "${shown(name)}" is not there: its columns have no names and are known by position, 0 to ${width - 1}; change tasks=, or give header=yes if the first row of a CSV holds names`,
    );
  }
  const known = nearestFirst(name, names.filter((one) => one !== "").slice(0, mostCompared));
  const more = known.length > 20 ? ` and ${known.length - 20} more` : "";
  return new InputError(
    `${where}: column "${shown(name)}" is not there; the columns are, nearest first, ${known.slice(0, 20).map(shown).join(", ")}${more}`,
  );
}
