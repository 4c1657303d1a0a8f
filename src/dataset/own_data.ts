import { shareableBuffer } from "../base/buffers.ts";
import { InputError } from "../base/errors.ts";
import { inThousands } from "../base/format.ts";
import type { CoverageKind } from "../base/task.ts";
import { noteLine } from "../base/visible.ts";
import { type ChosenColumns, chooseColumns, chooseOfArrays, isFirst, type WantedTask } from "./columns.ts";
import type { HeaderChoice } from "./csv/header.ts";
import { CsvTable } from "./csv/table.ts";
import type { Dataset, Split } from "./dataset.ts";
import { notHeldApart } from "./not_held_apart.ts";
import { parseNpz } from "./npz.ts";
import { divideRows, splitStreams } from "./split.ts";
import { standardize, standardized, unchanged, unstandardized, wideStandardization } from "./standardize.ts";
import type { Table } from "./table.ts";
import { outputCount, readTargets } from "./targets.ts";
import { checkTasks, type NamedTask, readDeclaration } from "./tasks.ts";

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
  /** The tasks as a spec declares them; when left out, a single task over all columns, where that is unambiguous. */
  readonly tasks?: string | readonly NamedTask[];
  /** Whether inputs are standardised with the training split's mean and variance; default true. */
  readonly standardize?: boolean;
  /** Part of the samples held out where the file has no test split of its own, a share or a number as of `divideRows`; default 0.2. */
  readonly holdout?: number;
  /** Which coverage decides that a subnetwork touches a task; default output. */
  readonly coverage?: CoverageKind;
  /** Whether the first row of a CSV file holds names; default auto. */
  readonly header?: HeaderChoice;
}

/** The bytes of a user's file, and what is known of it. */
export interface FileContent {
  /** Read once, in order. */
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly sizeBytes: number;
  /** Main memory that is free, where it is known: a file that would not fit is refused. */
  readonly memoryBytes?: number | undefined;
}

/**
 * A dataset from a CSV file whose columns are inputs and targets. A random part is held out for testing.
 * @param path gives the dataset's name, and names the file in messages
 * @throws InputError when the file is malformed or does not fit the tasks or main memory
 */
export async function csvDataset(file: FileContent, path: string, options: OwnDataOptions): Promise<Dataset> {
  const declared = options.tasks === undefined ? undefined : readDeclaration(options.tasks);
  let chosen: ChosenColumns | undefined;
  const reading = new CsvTable({
    where: path,
    sizeBytes: file.sizeBytes,
    choose: (columns) => {
      chosen = chooseColumns(columns, declared);
      return chosen;
    },
    ...(options.header !== undefined && { header: options.header }),
    ...(file.memoryBytes !== undefined && { memoryBytes: file.memoryBytes }),
  });
  for await (const piece of file.pieces) reading.push(piece);
  const { table, notes } = reading.finish();
  const dataset = assemble([table], chosen?.tasks ?? [], path, options, notes);
  reading.release();
  return dataset;
}

/**
 * A dataset from an .npz file with `x_train`, `y_train` and, unless a random part is to be held out, `x_test`,
 * `y_test`.
 * @param path gives the dataset's name, and names the file in messages
 * @param memoryBytes main memory that is free, where it is known
 * @throws InputError when the file is malformed or does not fit the tasks or main memory, or holdout is given beside a
 * test split
 */
export function npzDataset(bytes: Uint8Array, path: string, options: OwnDataOptions, memoryBytes?: number): Dataset {
  const { train, test, notes } = parseNpz(bytes, path, memoryBytes);
  if (test !== undefined && options.holdout !== undefined) {
    throw new InputError(
      `holdout: ${options.holdout} is given, but ${path} has its own x_test and y_test; drop one of them`,
    );
  }
  const declared = options.tasks === undefined ? undefined : readDeclaration(options.tasks);
  const chosen = chooseOfArrays(train.inputs, train.targetColumns, declared, path);
  const tables = (test === undefined ? [train] : [train, test]).map((table) => withInputs(table, chosen.inputs));
  return assemble(tables, chosen.tasks, path, options, [...notes, ...chosen.notes]);
}

/** A table with some of its inputs. */
function withInputs(table: Table, inputs: readonly number[]): Table {
  if (inputs.length === table.inputs) return table;
  const length = table.samples * inputs.length;
  const { features } = table;
  const taken =
    features instanceof Uint8Array
      ? new Uint8Array(length)
      : features instanceof Float32Array
        ? new Float32Array(length)
        : new Float64Array(length);
  for (let at = 0; at < length; at++) {
    taken[at] = features[Math.floor(at / inputs.length) * table.inputs + inputs[at % inputs.length]];
  }
  return {
    ...table,
    inputs: inputs.length,
    features: taken,
    ...(!isFirst(inputs) && { inputNames: inputs.map((column) => `x[:,${column}]`) }),
  };
}

function assemble(
  tables: readonly Table[],
  wanted: readonly WantedTask[],
  path: string,
  options: OwnDataOptions,
  found: readonly string[],
): Dataset {
  const { inputs, samples, inputNames } = tables[0];
  const { tasks, labels, notes } = readTargets(tables, wanted, path);
  const outputs = outputCount(tasks);
  checkTasks(tasks, inputs, outputs);
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
  const rounded = isStandardized ? [] : inputsNotHeldApart(tables[0], path);
  const file = path.split("/").at(-1) ?? path;
  const constant = isStandardized ? constantInTraining(parts, path) : [];
  const allNotes = [...found, ...notes, ...rounded, ...constant].map(noteLine);
  return {
    name: file.replace(/\.[^.]*$/, ""),
    tasks,
    coverage: options.coverage ?? ownDataCoverage,
    inputs,
    ...(inputNames && { inputNames }),
    ...(allNotes.length > 0 && { notes: allNotes }),
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
      const taken = new Uint8Array(shareableBuffer(rows.length * inputs));
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

/** A line for each input that is learnt as it is and has values that f32 does not hold apart. */
function inputsNotHeldApart({ features, inputs, samples, inputNames }: Table, path: string): string[] {
  return Array.from({ length: inputs }, (_, i) => i).flatMap((i) => {
    const same = notHeldApart(samples, (sample) => features[sample * inputs + i]);
    const name = inputNames === undefined ? "" : ` ("${inputNames[i]}")`;
    return same
      ? [`${path}: input ${i + 1}${name}: ${same}, which is learnt; leave standardize=true, or subtract an offset`]
      : [];
  });
}

/** A line on the inputs that have one value in all training samples, but not in all samples: nothing is learnt from them. */
function constantInTraining([train, validation]: readonly Part[], path: string): string[] {
  const { inputs, inputNames } = train.table;
  const columns = Array.from({ length: inputs }, (_, i) => i).filter((i) => {
    const first = train.table.features[train.rows[0] * inputs + i];
    const isFirst = ({ table: { features }, rows }: Part) => rows.every((row) => features[row * inputs + i] === first);
    return isFirst(train) && !isFirst(validation);
  });
  if (columns.length === 0) return [];
  const named = columns.slice(0, 5).map((i) => (inputNames ? `"${inputNames[i]}"` : `input ${i + 1}`));
  const more = columns.length > 5 ? ` and ${inThousands(columns.length - 5)} more` : "";
  return [`${path}: ${named.join(", ")}${more}: the same value in every training sample, so no task can use it`];
}

function splitOf({ table, labels, rows }: Part, features: Split["features"]): Split {
  const taken = new Uint32Array(shareableBuffer((labels.length / table.samples) * rows.length * 4));
  for (let k = 0; k < taken.length; k++) {
    taken[k] = labels[Math.floor(k / rows.length) * table.samples + rows[k % rows.length]];
  }
  return { samples: rows.length, features, labels: taken };
}
