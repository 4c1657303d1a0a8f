import { InputError } from "../base/errors.ts";
import { shown, shownJson } from "../base/visible.ts";
import { type NpyType, npyType } from "./npy_type.ts";

/** What the header of a .npy file says. */
export interface NpyHeader {
  readonly type: NpyType;
  /** NumPy's name of the type, as written: `<f4`. */
  readonly descr: string;
  /** True when the first index varies fastest. */
  readonly isFortran: boolean;
  /** Empty for a single value. */
  readonly shape: readonly number[];
  /** Offset of the values in the file. */
  readonly dataStart: number;
}

/** Longest header; NumPy reads 10,000 bytes unless told otherwise. */
const mostHeaderBytes = 2 ** 16;
/** The first bytes of a file, which hold the header of every array that is read. */
export const npyHeadBytes = 12 + mostHeaderBytes;

/** Dimensions of an array of NumPy. */
const mostDimensions = 64;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads the header of a .npy file (versions 1 to 3; NumPy Enhancement Proposal 1): magic, version, length, and a
 * literal of Python with dtype, order and shape.
 * @param bytes the file, or its first {@link npyHeadBytes}
 * @param where names file and array in messages
 * @param fileBytes size of the file
 * @throws InputError naming the field, its value and the supported values, or where the values do not fill the file
 */
export function parseNpyHeader(bytes: Uint8Array, where: string, fileBytes = bytes.length): NpyHeader {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new InputError(`${where}: ${fileBytes} bytes that do not start as .npy does; write it with numpy.savez`);
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
  if (dataStart > fileBytes) {
    throw new InputError(
      `${where}: header of ${headerLength} bytes in a file of ${fileBytes}; the file is cut short, write it again`,
    );
  }
  if (headerLength > mostHeaderBytes) {
    throw new InputError(
      `${where}: header of ${headerLength} bytes, at most ${mostHeaderBytes} are read; write it with numpy.savez`,
    );
  }
  const header = new TextDecoder().decode(bytes.subarray(headerStart, dataStart)).trim();
  const field = (name: string, value: string) => new RegExp(`['"]${name}['"]\\s*:\\s*${value}`).exec(header)?.[1];
  const descr = field("descr", "['\"]([^'\"]*)['\"]");
  if (descr === undefined) {
    const names = [...header.matchAll(/\(\s*['"]([^'"]*)['"]\s*,/g)].map(([, name]) => name);
    throw new InputError(
      `${where}: dtype of several fields (${shown(names.join(", ") || header)}) is not read; convert with numpy.lib.recfunctions.structured_to_unstructured`,
    );
  }
  const type = npyType(descr, where);
  const fortran = field("fortran_order", "(True|False)");
  // Python 2 writes the sizes as long integers: (200L, 4L).
  const dimensions = field("shape", "\\(([\\dL, ]*)\\)");
  if (fortran === undefined || dimensions === undefined) {
    throw new InputError(
      `${where}: header ${shownJson(header)} lacks fortran_order or shape; write it with numpy.savez`,
    );
  }
  const sizes = dimensions
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "");
  const wrong = sizes.find((size) => !/^\d{1,15}L?$/.test(size));
  if (wrong !== undefined) {
    throw new InputError(
      `${where}: shape (${shown(dimensions)}): "${shown(wrong)}" is no size; write it with numpy.savez`,
    );
  }
  const shape = sizes.map((size) => Number(size.replace("L", "")));
  if (shape.length > mostDimensions) {
    throw new InputError(`${where}: an array of ${shape.length} dimensions, at most ${mostDimensions} are read`);
  }
  const neededBytes = type.sizeBytes * shape.reduce((product, size) => product * size, 1);
  if (neededBytes !== fileBytes - dataStart) {
    throw new InputError(
      `${where}: shape (${shape.join(",")}) of ${shown(descr)} needs ${neededBytes} bytes, ${fileBytes - dataStart} follow the header; the file is damaged, write it again`,
    );
  }
  return { type, descr, isFortran: fortran === "True", shape, dataStart };
}
