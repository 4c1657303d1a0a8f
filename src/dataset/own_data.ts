import { columnCount } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import type { CoverageKind, TrainedTask } from "../base/task.ts";
import { parseCsv } from "./csv.ts";
import type { Dataset, Split } from "./dataset.ts";
import { parseNpz } from "./npz.ts";
import { divideRows, splitStreams } from "./split.ts";
import { standardize, standardized, unchanged, unstandardized, wideStandardization } from "./standardize.ts";
import type { Table } from "./table.ts";
import { labelsOf, soleTask, targetColumnCounts } from "./targets.ts";
import { checkTasks } from "./tasks.ts";

/** Share of own data that is held out for the test split, where the file has none and the spec names no other. */
export const standardHoldout = 0.2;

/**
 * Coverage of own data unless the spec names another: an input that predicts nothing is pruned away, which does not
 * degrade its task.
 */
export const ownDataCoverage: CoverageKind = "output";

export interface OwnDataOptions {
  /** Unsigned 32-bit integer; decides which samples are held out. */
  readonly dataSeed: number;
  /** The tasks in column order; when left out, a single task over all columns, where that is unambiguous. */
  readonly tasks?: readonly TrainedTask[];
  /** Whether inputs are standardised with the training split's mean and variance; default true. */
  readonly standardize?: boolean;
  /** Share of the samples held out where the file has no test split of its own; between 0 and 1, default 0.2. */
  readonly holdout?: number;
  /** Which coverage decides that a subnetwork touches a task; default output. */
  readonly coverage?: CoverageKind;
}

/**
 * A dataset from a CSV file: columns are the inputs of all tasks, then the targets. A random part is held out for
 * testing.
 * @param path gives the dataset's name, and names the file in messages
 * @throws InputError when the file is malformed or does not fit the tasks
 */
export function csvDataset(bytes: Uint8Array, path: string, options: OwnDataOptions): Dataset {
  const { rows, columns, values, place } = parseCsv(bytes, path);
  const inputs = options.tasks?.reduce((sum, task) => sum + columnCount(task.inputs), 0) ?? columns - 1;
  const targetColumns = columns - inputs;
  if (targetColumns < 1 || inputs < 1) {
    const { perTask, perOutput } = targetColumnCounts(options.tasks ?? []);
    const needed = options.tasks
      ? `${inputs} inputs and ${perTask} or ${perOutput} targets`
      : "1 input and 1 target at least";
    throw new InputError(`${path}: ${columns} columns, ${needed} are needed; change tasks= or the data`);
  }
  const features = new Float64Array(rows * inputs);
  const targets = new Float64Array(rows * targetColumns);
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    features.set(values.subarray(first, first + inputs), row * inputs);
    targets.set(values.subarray(first + inputs, first + columns), row * targetColumns);
  }
  const table: Table = {
    samples: rows,
    inputs,
    features,
    targetColumns,
    targets,
    targetPlace: (sample, column) => place(sample, inputs + column),
  };
  return assemble([table], path, options);
}

/**
 * A dataset from an .npz file with `x_train`, `y_train` and, unless a random part is to be held out, `x_test`,
 * `y_test`.
 * @param path gives the dataset's name, and names the file in messages
 * @throws InputError when the file is malformed or does not fit the tasks, or holdout is given beside a test split
 */
export function npzDataset(bytes: Uint8Array, path: string, options: OwnDataOptions): Dataset {
  const { train, test } = parseNpz(bytes, path);
  if (test !== undefined && options.holdout !== undefined) {
    throw new InputError(
      `holdout: ${options.holdout} is given, but ${path} has its own x_test and y_test; drop one of them`,
    );
  }
  return assemble(test === undefined ? [train] : [train, test], path, options);
}

function assemble(tables: readonly Table[], path: string, options: OwnDataOptions): Dataset {
  const tasks = options.tasks ?? [soleTask(tables, path)];
  const { inputs } = tables[0];
  const { perOutput: outputs } = targetColumnCounts(tasks);
  checkTasks(tasks, inputs, outputs);
  const labels = tables.map((table) => labelsOf(table, tasks, path));
  const { samples } = tables[0];
  const { holdout = standardHoldout, dataSeed } = options;
  const parts: readonly Part[] =
    tables.length === 2
      ? tables.map((table, k) => ({ table, labels: labels[k], rows: allRows(table.samples) }))
      : divideRows(samples, holdout, dataSeed, splitStreams.holdout, "holdout").map((rows) => ({
          table: tables[0],
          labels: labels[0],
          rows,
        }));
  const isStandardized = options.standardize !== false;
  const { train, validation, constants } = splitsOf(parts, isStandardized, path);
  const file = path.split("/").at(-1) ?? path;
  return {
    name: file.replace(/\.[^.]*$/, ""),
    tasks,
    coverage: options.coverage ?? ownDataCoverage,
    inputs,
    outputs,
    train,
    validation,
    ...(!isStandardized && { standardizes: false }),
    ...constants,
  };
}

/** Some samples of a table. */
interface Part {
  readonly table: Table;
  /** `[task][sample]`, of the whole table. */
  readonly labels: Uint32Array;
  /** Sample indices, ascending. */
  readonly rows: Uint32Array;
}

function allRows(samples: number): Uint32Array {
  return Uint32Array.from({ length: samples }, (_, row) => row);
}

/**
 * The splits as the engines take them. Bytes stay bytes, and the device standardises them. Other numbers are
 * standardised here, in float64, before they are rounded to f32, so that large values that differ by little stay
 * distinct; the device's constants then change nothing.
 */
function splitsOf([train, validation]: readonly Part[], isStandardized: boolean, path: string) {
  const { inputs, features } = train.table;
  if (features instanceof Uint8Array && validation.table.features instanceof Uint8Array) {
    const bytes = (features: Uint8Array, rows: Uint32Array) => {
      const taken = new Uint8Array(rows.length * inputs);
      rows.forEach((row, i) => {
        taken.set(features.subarray(row * inputs, (row + 1) * inputs), i * inputs);
      });
      return taken;
    };
    const ofTrain = bytes(features, train.rows);
    return {
      train: splitOf(train, ofTrain),
      validation: splitOf(validation, bytes(validation.table.features, validation.rows)),
      constants: isStandardized ? standardize(ofTrain, inputs) : unstandardized(inputs),
    };
  }
  try {
    const constants = isStandardized ? wideStandardization(features, inputs, train.rows) : unchanged(inputs);
    return {
      train: splitOf(train, standardized(features, train.rows, constants)),
      validation: splitOf(validation, standardized(validation.table.features, validation.rows, constants)),
      constants: { ...unstandardized(inputs), applied: constants },
    };
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${path}: ${error.message}`) : error;
  }
}

function splitOf({ table, labels, rows }: Part, features: Split["features"]): Split {
  const taken = new Uint32Array((labels.length / table.samples) * rows.length);
  for (let k = 0; k < taken.length; k++) {
    taken[k] = labels[Math.floor(k / rows.length) * table.samples + rows[k % rows.length]];
  }
  return { samples: rows.length, features, labels: taken };
}
