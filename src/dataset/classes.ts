import { InputError } from "../base/errors.ts";
import { shown } from "../base/visible.ts";
import type { WantedTask } from "./columns.ts";
import type { Table } from "./table.ts";

/** The classes of a target column. */
export interface Classes {
  readonly count: number;
  /** How the file writes each class; undefined where it writes 0 to n - 1. */
  readonly names?: readonly string[];
  /** Number of each class by its value in the file; empty where the file writes the numbers. */
  readonly numberOf: ReadonlyMap<string | number, number>;
}

/** Different values at most: a task has at most so many outputs. */
const mostClasses = 65535;

/**
 * Finds the classes of a task with one target column. Integers from 0 to n - 1 are the numbers of their classes: of all
 * n, or, where the task says how many outputs it has, of any of them. All other values are numbered in ascending order.
 * @throws InputError naming the cell that is no class
 */
export function classesOf(tables: readonly Table[], task: WantedTask, where: string): Classes {
  const [column] = task.targets;
  const declared = task.outputs === undefined ? undefined : Math.max(2, task.outputs);
  const values = differentValues(tables, column);
  const numbers = values.filter((value) => typeof value === "number");
  const isTexts = numbers.length < values.length;
  refuseLarge(tables, task, numbers);
  const isIndices = !isTexts && numbers.every((value) => Number.isInteger(value) && value >= 0);
  const highest = isIndices ? numbers.reduce((most, value) => Math.max(most, value), 0) : 0;
  const isWhole = values.length <= mostClasses;
  if (isWhole && isIndices && highest < (declared ?? values.length) && (declared !== undefined || values.length > 1)) {
    return { count: declared ?? values.length, numberOf: new Map() };
  }
  if (declared === undefined) refuseUndeclared(tables, task, values, where);
  else if (values.length !== declared) throw wrongClass(tables, task, declared, values.length);
  const sorted = [...values].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : byCodePoint(a, b),
  );
  return {
    count: sorted.length,
    names: sorted.map(String),
    numberOf: new Map(sorted.map((value, k) => [value, k])),
  };
}

/** The different values of a target column, up to one more than a task may have classes. */
function differentValues(tables: readonly Table[], column: number): readonly (string | number)[] {
  const seen = new Set<string | number>();
  for (const { targets, targetColumns, targetTexts, samples } of tables) {
    const texts = targetTexts?.[column];
    if (texts) for (const text of texts) seen.add(text);
    for (let sample = 0; !texts && sample < samples; sample++) {
      // -0 is 0.
      seen.add(targets[sample * targetColumns + column] + 0);
      if (seen.size > mostClasses) return [...seen];
    }
  }
  return [...seen];
}

/** Integers beyond 2^53 may be two labels that float64 does not tell apart. */
function refuseLarge(
  tables: readonly Table[],
  { name, targets: [column] }: WantedTask,
  numbers: readonly number[],
): void {
  const large = numbers.find((value) => Number.isInteger(value) && !Number.isSafeInteger(value));
  if (large === undefined) return;
  const table = tables.find((one) => one.targets[placeOf(one, column, large) * one.targetColumns + column] === large);
  const place = (table ?? tables[0]).targetPlace(placeOf(table ?? tables[0], column, large), column);
  throw new InputError(
    `${place}: label ${large} of task "${name}" is beyond 2^53, where float64 does not tell integers apart; write labels as texts, such as id${large}`,
  );
}

function refuseUndeclared(
  tables: readonly Table[],
  { name, targets }: WantedTask,
  values: readonly (string | number)[],
  where: string,
): void {
  const [column] = targets;
  const ask = `so the classes of task "${name}" cannot be inferred; declare the tasks, such as tasks=circles:2:1,moons:2:1, or a regression by tasks=name:inputs:target:mse`;
  if (values.length === 1) {
    const samples = tables.reduce((sum, table) => sum + table.samples, 0);
    throw new InputError(`${where}: all ${samples} targets are ${shown(String(values[0]))}, ${ask}`);
  }
  const real = values.filter((value) => typeof value === "number").find((value) => !Number.isInteger(value));
  if (real !== undefined || values.length > mostClasses) {
    const sample = real === undefined ? 0 : placeOf(tables[0], column, real);
    const problem = real === undefined ? `more than ${mostClasses} different targets` : `target ${real} is no class`;
    throw new InputError(`${tables[0].targetPlace(sample, column)}: ${problem}, ${ask}`);
  }
}

function placeOf({ targets, targetColumns, samples }: Table, column: number, value: number): number {
  for (let sample = 0; sample < samples; sample++) {
    if (targets[sample * targetColumns + column] === value) return sample;
  }
  return 0;
}

/** The refusal of the first target that is no class of a task with `declared` classes. */
function wrongClass(
  tables: readonly Table[],
  { name, targets: [column] }: WantedTask,
  declared: number,
  found: number,
): InputError {
  for (const { targets, targetColumns, targetTexts, samples, targetPlace } of tables) {
    const texts = targetTexts?.[column];
    for (let sample = 0; sample < samples; sample++) {
      const value = targets[sample * targetColumns + column];
      if (!texts && Number.isInteger(value) && value >= 0 && value < declared) continue;
      const given = texts ? `"${shown(texts[value])}"` : value;
      return new InputError(
        `${targetPlace(sample, column)}: target ${given} of task "${name}" is not an integer from 0 to ${declared - 1}, and the column has ${found} different values, not ${declared} to be numbered; mend the data or tasks=`,
      );
    }
  }
  return new InputError(`tasks: "${name}" has ${found} classes, ${declared} are needed; change tasks=`);
}

function byCodePoint(a: string | number, b: string | number): number {
  const [first, second] = [a, b].map((text) => Array.from(String(text), (character) => character.codePointAt(0) ?? 0));
  const at = first.findIndex((code, i) => code !== second[i]);
  return at < 0 ? first.length - second.length : first[at] - (second[at] ?? -1);
}

/** One line on how the classes of a task are numbered; undefined where the file writes the numbers. */
export function describeClasses(
  { name }: WantedTask,
  { names }: Classes,
  column: string | undefined,
): string | undefined {
  if (!names) return undefined;
  const each = names.map((text, k) => `${shown(text)} is ${k}`);
  const few = each.length > 8 ? [...each.slice(0, 6), "..", each[each.length - 1]] : each;
  return `classes of task "${name}"${column === undefined ? "" : ` in ${column}`}: ${few.join(", ")}`;
}
