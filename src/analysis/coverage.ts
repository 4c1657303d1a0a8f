import { type Columns, columnCount, columnList, hasColumn } from "../base/columns.ts";
import { InternalError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Component } from "./components.ts";

/**
 * How many of each task's inputs and outputs lie in each subnetwork: rows are subnetworks, columns are tasks.
 * States are decided on these integers, because shares such as ten times 0.1 do not sum to 1 in floating point.
 */
export interface CoverageCounts {
  readonly input: readonly (readonly number[])[];
  readonly output: readonly (readonly number[])[];
}

/** Shares from 0 to 1, `[subnetwork][task]`. */
export interface Coverage {
  /** Share of the task's inputs that lie in the subnetwork. */
  readonly input: number[][];
  /** Share of the task's outputs that lie in the subnetwork. */
  readonly output: number[][];
  /** Product of the two. */
  readonly total: number[][];
}

/**
 * Counts each task's inputs and outputs in each subnetwork. A column of no task is not counted; a column of several
 * tasks counts for each of them.
 */
export function countCoverage(subnetworks: readonly Component[], tasks: readonly Task[], shape: Shape): CoverageCounts {
  const countIn = (layer: number, columnsOf: (task: Task) => Columns) =>
    subnetworks.map(({ neurons }) => {
      const columns = neurons.filter((neuron) => neuron[0] === layer).map((neuron) => neuron[1]);
      return tasks.map((task) => columns.filter((column) => hasColumn(columnsOf(task), column)).length);
    });
  return {
    input: countIn(0, (task) => task.inputs),
    output: countIn(shape.length - 1, (task) => task.outputs),
  };
}

/** The inputs that several tasks own, ascending. */
export function sharedInputs(tasks: readonly Task[]): number[] {
  const owners = new Map<number, number>();
  for (const task of tasks)
    for (const input of columnList(task.inputs)) owners.set(input, (owners.get(input) ?? 0) + 1);
  return [...owners]
    .filter(([, count]) => count > 1)
    .map(([input]) => input)
    .sort((a, b) => a - b);
}

/** The three coverage matrices as shares of each task's inputs, outputs, and their product. */
export function coverageShares({ input, output }: CoverageCounts, tasks: readonly Task[]): Coverage {
  const share = (counts: readonly (readonly number[])[], columnsOf: (task: Task) => Columns) =>
    counts.map((row) => row.map((count, task) => count / columnCount(columnsOf(tasks[task]))));
  const inputShares = share(input, (task) => task.inputs);
  const outputShares = share(output, (task) => task.outputs);
  return {
    input: inputShares,
    output: outputShares,
    total: inputShares.map((row, subnetwork) => row.map((value, task) => value * outputShares[subnetwork][task])),
  };
}

/**
 * Coverage of one kind in integer units: `covered[subnetwork][task]` out of `whole[task]`, so that
 * `covered / whole` is the share. Units are inputs, outputs, or pairs of an input and an output.
 */
export function coverageUnits(
  { input, output }: CoverageCounts,
  tasks: readonly Task[],
  kind: CoverageKind,
): { covered: readonly (readonly number[])[]; whole: readonly number[] } {
  switch (kind) {
    case "input":
      return { covered: input, whole: tasks.map((task) => columnCount(task.inputs)) };
    case "output":
      return { covered: output, whole: tasks.map((task) => columnCount(task.outputs)) };
    case "total":
      return {
        covered: input.map((row, subnetwork) => row.map((count, task) => count * output[subnetwork][task])),
        whole: tasks.map((task) => columnCount(task.inputs) * columnCount(task.outputs)),
      };
    default:
      throw new InternalError(`coverage kind ${kind satisfies never}`);
  }
}
