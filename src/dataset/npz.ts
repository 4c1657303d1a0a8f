import { InputError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { shown } from "../base/visible.ts";
import { firstBytes, unpackMembers, ZipError, type ZipMember, zipMembers } from "../base/zip.ts";
import { isMissing } from "./csv/header.ts";
import { type NpyArray, parseNpy } from "./npy.ts";
import { npyHeadBytes, parseNpyHeader } from "./npy_header.ts";
import { isTexts } from "./npy_type.ts";
import { npzNames, type SplitNames } from "./npz_names.ts";
import { npzTargets } from "./npz_targets.ts";
import type { Table } from "./table.ts";

/** The splits of an .npz file. */
export interface NpzTables {
  readonly train: Table;
  /** Undefined when the file has no test split. */
  readonly test: Table | undefined;
  /** What was understood where the file leaves a choice; one line each. */
  readonly notes: readonly string[];
}

/** Bound on the unpacked arrays, so that a malicious file cannot exhaust the memory; no device takes more. */
const mostBytes = 2 ** 31;
/** Main memory of a byte of the arrays: as it is unpacked, and as a number. */
const bytesInMemory = 2;

/** The arrays of one split, and their names. */
interface SplitArrays {
  readonly names: SplitNames;
  readonly x: NpyArray;
  readonly y: NpyArray;
}

/**
 * Reads inputs and targets of the training split and, where they are there, of the test split from a file of
 * `numpy.savez` or `numpy.savez_compressed`. The first dimension of each array is the sample, the others are flattened;
 * bytes stay bytes, and float64 stays float64.
 * @param where names the file in messages
 * @param memoryBytes main memory that is free, where it is known
 * @throws InputError naming the array that is missing, malformed, not finite or of another size than its counterpart, or
 * where the arrays do not fit main memory
 */
export function parseNpz(bytes: Uint8Array, where: string, memoryBytes?: number): NpzTables {
  const { contents, names } = arraysIn(bytes, where, memoryBytes);
  const { train, test, notes } = names;
  const read = (name: string) => parseNpy(contents.get(`${name}.npy`) ?? new Uint8Array(), `${where}: ${name}`);
  const arrays = [train, ...(test ? [test] : [])].map(
    (one): SplitArrays => ({
      names: one,
      x: read(one.x),
      y: read(one.y),
    }),
  );
  const targets = npzTargets(
    arrays.map(({ y }) => y),
    where,
  );
  const tables = arrays.map((one, i) => tableOf(one, targets[i], where));
  checkSameColumns(arrays, tables, where);
  const ofArrays = arrays.flatMap(({ names: { x, y }, ...each }) => [
    ...each.x.notes.map((note) => `${where}: ${x}: ${note}`),
    ...each.y.notes.map((note) => `${where}: ${y}: ${note}`),
  ]);
  return { train: tables[0], test: tables[1], notes: [...notes, ...ofArrays] };
}

/** Finds the arrays by name and unpacks those that are used, once their headers fit each other and main memory. */
function arraysIn(bytes: Uint8Array, where: string, memoryBytes: number | undefined) {
  try {
    const members = zipMembers(bytes).filter(({ name }) => name.endsWith(".npy"));
    const names = npzNames(
      members.map(({ name }) => name.replace(/\.npy$/, "")),
      where,
    );
    const splits = [names.train, ...(names.test ? [names.test] : [])];
    const used = splits.flatMap(({ x, y }) => [`${x}.npy`, `${y}.npy`]);
    const wanted = members.filter(({ name }) => used.includes(name));
    const total = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (total > mostBytes) {
      throw new InputError(
        `${where}: its arrays unpack to ${total} bytes, at most ${mostBytes} are read; save fewer samples, or .astype("float32")`,
      );
    }
    for (const split of splits) checkShapes(split, bytes, wanted, where);
    const neededBytes = bytesInMemory * total;
    if (memoryBytes !== undefined && neededBytes > memoryBytes) {
      throw new InputError(
        `${where}: its arrays unpack to ${total} bytes, which take ${formatBytes(neededBytes)} of main memory, and this process may use ${formatBytes(memoryBytes)}; save fewer samples, or .astype("float32")`,
      );
    }
    return { names, contents: unpackMembers(bytes, wanted, mostBytes) };
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    throw new InputError(
      `${where}: ${bytes.length} bytes that cannot be read as a zip file (${error.message}); write it with numpy.savez`,
    );
  }
}

/** Compares the shapes of inputs and targets by their headers: a packed file may hold a thousand times its size. */
function checkShapes(names: SplitNames, bytes: Uint8Array, members: readonly ZipMember[], where: string): void {
  const [x, y] = [names.x, names.y].map((name) => {
    const member = members.find((one) => one.name === `${name}.npy`) as ZipMember;
    return parseNpyHeader(firstBytes(bytes, member, npyHeadBytes), `${where}: ${name}`, member.sizeBytes).shape;
  });
  const shapes = `${names.x} has shape (${x.join(",")}), ${names.y} (${y.join(",")})`;
  if (x.length < 2 || y.length < 1) {
    const single = x.length === 1 ? "; for one input a sample, give .reshape(-1, 1)" : "";
    throw new InputError(`${where}: ${shapes}; samples x inputs and samples or samples x targets are needed${single}`);
  }
  if (y[0] !== x[0]) {
    throw new InputError(`${where}: ${names.y} has ${y[0]} samples, ${names.x} has ${x[0]}; make them equal`);
  }
  if (x.includes(0) || y.includes(0)) {
    throw new InputError(`${where}: ${shapes}; at least 1 sample and 1 column are needed`);
  }
}

function tableOf(
  { names, x, y }: SplitArrays,
  { targets, targetTexts }: Pick<Table, "targets" | "targetTexts">,
  where: string,
): Table {
  const samples = x.shape[0];
  if (isTexts(x.values)) {
    throw new InputError(
      `${where}: ${names.x} holds texts ("${shown(x.values[0])}"); give numbers, such as .astype("float32") gives`,
    );
  }
  const inputs = x.values.length / samples;
  const targetColumns = y.values.length / samples;
  const place = (name: string, columns: number, index: number) =>
    `${where}: ${name}[${Math.floor(index / columns)},${index % columns}]`;
  const missing = isTexts(y.values) ? y.values.findIndex(isMissing) : -1;
  if (missing >= 0 && isTexts(y.values)) {
    throw new InputError(
      `${place(names.y, targetColumns, missing)}: no value ("${y.values[missing]}"); fill or drop such values`,
    );
  }
  for (const [name, values, columns] of [
    [names.x, x.values, inputs],
    [names.y, targets, targetColumns],
  ] as const) {
    const wrong = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new InputError(
        `${place(name, columns, wrong)}: ${values[wrong]} is not a finite number; replace or drop such values`,
      );
    }
  }
  return {
    samples,
    inputs,
    features: x.values,
    targetColumns,
    targets,
    ...(targetTexts && { targetTexts }),
    targetPlace: (sample, column) => place(names.y, targetColumns, sample * targetColumns + column),
  };
}

function checkSameColumns(arrays: readonly SplitArrays[], [train, test]: readonly Table[], where: string): void {
  if (test === undefined) return;
  for (const [array, columns] of [
    ["x", "inputs"],
    ["y", "targetColumns"],
  ] as const) {
    if (test[columns] !== train[columns]) {
      throw new InputError(
        `${where}: ${arrays[1].names[array]} has ${test[columns]} columns, ${arrays[0].names[array]} has ${train[columns]}; make them equal`,
      );
    }
  }
}
