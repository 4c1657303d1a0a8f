import { unzipSync } from "fflate";
import { InputError } from "../base/errors.ts";
import { type NpyArray, parseNpy } from "./npy.ts";
import type { Table } from "./table.ts";

/** The two splits of an .npz file; the test split is absent when the file has no `x_test` and `y_test`. */
export interface NpzTables {
  readonly train: Table;
  readonly test: Table | undefined;
}

const arrays = ["x_train", "y_train", "x_test", "y_test"] as const;

/**
 * Reads `x_train`, `y_train` and, when present, `x_test` and `y_test` from a file of `numpy.savez` or
 * `numpy.savez_compressed`. The first dimension of each is the sample, the rest are flattened; bytes stay bytes.
 * @param where names the file in messages
 * @throws InputError naming the array that is missing, malformed, not finite or of another size than its counterpart
 */
export function parseNpz(bytes: Uint8Array, where: string): NpzTables {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, { filter: ({ name }) => arrays.some((array) => name === `${array}.npy`) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${where}: ${bytes.length} bytes are not a zip file (${reason}); write it with numpy.savez`);
  }
  const read = (name: (typeof arrays)[number]): NpyArray | undefined => {
    const entry = entries[`${name}.npy`];
    return entry === undefined ? undefined : parseNpy(entry, `${where}: ${name}`);
  };
  const train = joined(read("x_train"), read("y_train"), where, "train");
  const hasTest = "x_test.npy" in entries || "y_test.npy" in entries;
  const test = hasTest ? joined(read("x_test"), read("y_test"), where, "test") : undefined;
  if (test !== undefined) {
    for (const [array, columns] of [
      ["x", "inputs"],
      ["y", "targetColumns"],
    ] as const) {
      if (test[columns] !== train[columns]) {
        throw new InputError(
          `${where}: ${array}_test has ${test[columns]} columns, ${array}_train has ${train[columns]}; make them equal`,
        );
      }
    }
  }
  return { train, test };
}

function joined(x: NpyArray | undefined, y: NpyArray | undefined, where: string, half: string): Table {
  if (x === undefined || y === undefined) {
    const missing = x === undefined ? `x_${half}` : `y_${half}`;
    throw new InputError(
      `${where}: array ${missing} is missing; write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)`,
    );
  }
  if (x.shape.length < 2 || y.shape.length < 1 || y.shape.length > 2) {
    throw new InputError(
      `${where}: x_${half} has shape (${x.shape.join(",")}), y_${half} (${y.shape.join(",")}); samples x inputs and samples or samples x targets are needed`,
    );
  }
  const samples = x.shape[0];
  if (y.shape[0] !== samples) {
    throw new InputError(`${where}: y_${half} has ${y.shape[0]} samples, x_${half} has ${samples}; make them equal`);
  }
  if (x.values.length === 0 || y.values.length === 0) {
    throw new InputError(
      `${where}: x_${half} has shape (${x.shape.join(",")}), y_${half} (${y.shape.join(",")}); at least 1 sample and 1 column are needed`,
    );
  }
  const features = x.values;
  const inputs = features.length / samples;
  const targetColumns = y.values.length / samples;
  const place = (name: string, columns: number, index: number) =>
    `${where}: ${name}_${half}[${Math.floor(index / columns)},${index % columns}]`;
  for (const [name, values, columns] of [
    ["x", features, inputs],
    ["y", y.values, targetColumns],
  ] as const) {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new InputError(
        `${place(name, columns, wrong)}: ${values[wrong]} is not a finite number; replace or drop such values`,
      );
    }
  }
  return {
    samples,
    inputs,
    features,
    targetColumns,
    targets: y.values,
    targetPlace: (sample, column) => place("y", targetColumns, sample * targetColumns + column),
  };
}
