import { columnCount } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import type { Task, TrainedTask } from "../base/task.ts";
import { shown } from "../base/visible.ts";
import { defaultLoss, losses } from "../loss/index.ts";
import { wordsOf } from "../loss/label_words.ts";
import { type Classes, classesOf, describeClasses } from "./classes.ts";
import type { WantedTask } from "./columns.ts";
import { numberIn, truthIn } from "./csv/decimal.ts";
import { notHeldApart } from "./not_held_apart.ts";
import type { Table } from "./table.ts";

/** Tasks with their outputs, and the targets in the form in which they are learnt. */
export interface Targets {
  readonly tasks: readonly TrainedTask[];
  /** Of each table: label words `[task][sample]`. */
  readonly labels: readonly Uint32Array[];
  /** What was understood of the labels, one line each. */
  readonly notes: readonly string[];
}

/** The targets of one task: its outputs, how the file writes its classes, and a label word for every sample. */
interface Learnt {
  readonly kind: string;
  readonly outputs: number;
  readonly classes?: readonly string[];
  readonly note?: string;
  /** Writes the label words of a table. */
  readonly write: (table: Table, words: Uint32Array) => void;
}

/**
 * Reads the targets of tasks. A task has one target column: classes, or numbers for a regression; or one column of 0 and
 * 1 for each of its outputs (one-hot). Classes that the file does not write as 0 to n - 1 are numbered: numbers by
 * value, texts by code point.
 * @param tables training and, where it is there, test split
 * @param where names the file in messages
 * @throws InputError naming the cell that is no target of its task, or the task whose targets are all the same and
 * tell no number of classes
 */
export function readTargets(tables: readonly Table[], wanted: readonly WantedTask[], where: string): Targets {
  const learnt = wanted.map((task) => learn(tables, task, where));
  let output = 0;
  const tasks = learnt.map(({ kind, outputs, classes }, k): TrainedTask => {
    const { name, inputs } = wanted[k];
    output += outputs;
    return { name, kind, inputs, outputs: { start: output - outputs, count: outputs }, ...(classes && { classes }) };
  });
  const labels = tables.map((table) => {
    const words = new Uint32Array(tasks.length * table.samples);
    learnt.forEach(({ write }, k) => {
      write(table, words.subarray(k * table.samples, (k + 1) * table.samples));
    });
    return words;
  });
  return { tasks, labels, notes: learnt.flatMap(({ note }) => (note === undefined ? [] : [`${where}: ${note}`])) };
}

function learn(tables: readonly Table[], task: WantedTask, where: string): Learnt {
  const { kind, targets, outputs } = task;
  if (kind !== undefined && losses.get(kind).labels === "number") return learnNumbers(tables[0], task, kind);
  if (targets.length > 1) {
    const hasTruths = targets.some((column) => tables[0].targetTexts?.[column]?.some((text) => truthIn(text) === 1));
    return {
      kind: kind ?? defaultLoss(targets.length),
      outputs: targets.length,
      ...(hasTruths && { note: `one-hot columns of task "${task.name}": True is read as 1, False as 0` }),
      write: (table, words) => {
        for (let sample = 0; sample < words.length; sample++) words[sample] = oneHotClass(table, task, sample);
      },
    };
  }
  const classes = classesOf(tables, task, where);
  const count = outputs ?? (classes.count === 2 ? 1 : classes.count);
  const note = describeClasses(task, classes, tables[0].targetNames?.[targets[0]]);
  return {
    kind: kind ?? defaultLoss(count),
    outputs: count,
    ...(classes.names && { classes: classes.names }),
    ...(note !== undefined && { note }),
    write: (table, words) => writeClasses(table, targets[0], classes, words),
  };
}

function writeClasses(
  { targets, targetColumns, targetTexts }: Table,
  column: number,
  { numberOf }: Classes,
  words: Uint32Array,
): void {
  const texts = targetTexts?.[column];
  for (let sample = 0; sample < words.length; sample++) {
    const value = targets[sample * targetColumns + column];
    words[sample] = texts || numberOf.size > 0 ? (numberOf.get(texts ? texts[value] : value) ?? 0) : value;
  }
}

function learnNumbers(first: Table, task: WantedTask, kind: string): Learnt {
  const [column] = task.targets;
  if (task.targets.length > 1) {
    throw new InputError(
      `tasks: "${task.name}" is ${kind} with ${task.targets.length} target columns, 1 is needed; make a task of each`,
    );
  }
  const same = notHeldApart(first.samples, (sample) => first.targets[sample * first.targetColumns + column]);
  return {
    kind,
    outputs: 1,
    ...(same !== undefined && {
      note: `targets of task "${task.name}": ${same}, which is learnt; subtract an offset`,
    }),
    write: (table, words) => {
      const texts = table.targetTexts?.[column];
      // Of a column of texts the first that is no number is named, if there is one.
      const isNumber = texts?.map((text) => Number.isFinite(Math.fround(numberIn(text, "."))));
      const isRefused = isNumber?.includes(false) ? isNumber.map((holds) => !holds) : texts?.map(() => true);
      for (let sample = 0; sample < words.length; sample++) {
        const value = table.targets[sample * table.targetColumns + column];
        if (isRefused ? isRefused[value] : !Number.isFinite(Math.fround(value))) {
          throw new InputError(
            `${table.targetPlace(sample, column)}: target "${texts ? shown(texts[value]) : value}" of task "${task.name}" is not a finite f32; mend the data or tasks=`,
          );
        }
        words[sample] = wordsOf([value])[0];
      }
    },
  };
}

function numberOrTruth(text: string): number | undefined {
  return truthIn(text) ?? (text === "0" || text === "1" ? Number(text) : undefined);
}

/** The class in one-hot columns: exactly one is 1 or true, and the others are 0 or false. */
function oneHotClass(table: Table, { name, targets }: WantedTask, sample: number): number {
  let hot = -1;
  targets.forEach((column, k) => {
    const code = table.targets[sample * table.targetColumns + column];
    const text = table.targetTexts?.[column]?.[code];
    const value = text === undefined ? code : (numberOrTruth(text) ?? text);
    if ((value !== 0 && value !== 1) || (value === 1 && hot >= 0)) {
      throw new InputError(
        `${table.targetPlace(sample, column)}: ${shown(String(value))} in the one-hot columns of task "${name}"; exactly one column is 1, the others 0`,
      );
    }
    if (value === 1) hot = k;
  });
  if (hot < 0) {
    throw new InputError(
      `${table.targetPlace(sample, targets[0])}: no 1 in the ${targets.length} one-hot columns of task "${name}"; exactly one column is 1, the others 0`,
    );
  }
  return hot;
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

/** Number of outputs of some tasks. */
export function outputCount(tasks: readonly Task[]): number {
  return tasks.reduce((sum, { outputs }) => sum + columnCount(outputs), 0);
}
