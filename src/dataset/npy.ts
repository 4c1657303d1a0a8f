import { InputError } from "../base/errors.ts";

/** An array from NumPy. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major; bytes stay bytes, other types are converted to a number type that holds them. */
  readonly values: Uint8Array | Float32Array | Float64Array;
}

/** Reads one element at a byte offset; the number type is little-endian. */
type Read = (view: DataView, offset: number) => number;

/** NumPy's names of the supported types, with bytes per element. */
const dtypes: Readonly<Record<string, { readonly sizeBytes: number; readonly read: Read }>> = {
  "<f4": { sizeBytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  "<f8": { sizeBytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  "|u1": { sizeBytes: 1, read: (view, offset) => view.getUint8(offset) },
  "|b1": { sizeBytes: 1, read: (view, offset) => view.getUint8(offset) },
  "|i1": { sizeBytes: 1, read: (view, offset) => view.getInt8(offset) },
  "<u2": { sizeBytes: 2, read: (view, offset) => view.getUint16(offset, true) },
  "<i2": { sizeBytes: 2, read: (view, offset) => view.getInt16(offset, true) },
  "<u4": { sizeBytes: 4, read: (view, offset) => view.getUint32(offset, true) },
  "<i4": { sizeBytes: 4, read: (view, offset) => view.getInt32(offset, true) },
  "<u8": { sizeBytes: 8, read: (view, offset) => Number(view.getBigUint64(offset, true)) },
  "<i8": { sizeBytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads the .npy format (versions 1 to 3; NumPy Enhancement Proposal 1): magic, version, length of the header, a header
 * with dtype, order and shape, then the values. Integers beyond 2^53 are rounded.
 * @param bytes the whole file
 * @param where names file and array in messages
 * @throws InputError naming the field, its value and the supported values
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new InputError(`${where}: ${bytes.length} bytes that do not start as .npy does; write it with numpy.savez`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (version < 1 || version > 3) {
    throw new InputError(
      `${where}: .npy version ${version}.${bytes[7]}, versions 1 to 3 are read; write it with numpy.savez`,
    );
  }
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + headerLength;
  if (dataStart > bytes.length) {
    throw new InputError(
      `${where}: header of ${headerLength} bytes in a file of ${bytes.length}; the file is cut short, write it again`,
    );
  }
  const header = new TextDecoder("latin1").decode(bytes.subarray(headerStart, dataStart));
  const field = (name: string, value: string) => new RegExp(`'${name}'\\s*:\\s*${value}`).exec(header)?.[1];

  const descr = field("descr", "'([^']*)'");
  const dtype = descr === undefined ? undefined : dtypes[descr];
  if (dtype === undefined) {
    throw new InputError(
      `${where}: dtype ${descr ?? "of several fields"} is not read (${Object.keys(dtypes).join(" ")} are); convert with .astype("float32")`,
    );
  }
  const fortran = field("fortran_order", "(True|False)");
  const dimensions = field("shape", "\\(([\\d, ]*)\\)");
  if (fortran === undefined || dimensions === undefined) {
    throw new InputError(
      `${where}: header ${JSON.stringify(header.trim())} lacks fortran_order or shape; write it with numpy.savez`,
    );
  }
  const shape = dimensions
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  if (fortran === "True" && shape.length > 1) {
    throw new InputError(`${where}: fortran_order True, row-major is read; convert with numpy.ascontiguousarray`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const dataBytes = bytes.length - dataStart;
  if (count * dtype.sizeBytes !== dataBytes) {
    throw new InputError(
      `${where}: shape (${shape.join(",")}) of ${descr} needs ${count * dtype.sizeBytes} bytes, ${dataBytes} follow the header; the file is damaged, write it again`,
    );
  }
  const values =
    descr === "|u1" || descr === "|b1"
      ? new Uint8Array(count)
      : descr === "<f4"
        ? new Float32Array(count)
        : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = dtype.read(view, dataStart + i * dtype.sizeBytes);
  return { shape, values };
}
