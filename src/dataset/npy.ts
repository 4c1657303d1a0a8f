import { parseNpyHeader } from "./npy_header.ts";
import { isTexts, type NpyValues } from "./npy_type.ts";

/** An array from NumPy. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, whatever the order in the file. */
  readonly values: NpyValues;
  /** What was understood where the file leaves a choice, and what was rounded; one line each, without the array's name. */
  readonly notes: readonly string[];
}

/**
 * Reads a .npy file: any order of the indices, any byte order, every real number type of NumPy but long double, bool,
 * and texts. Integers beyond 2^53 are rounded to float64, which a note tells.
 * @param bytes the whole file
 * @param where names file and array in messages
 * @throws InputError naming the field, its value and the supported values
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  const { type, descr, isFortran, shape, dataStart } = parseNpyHeader(bytes, where);
  // A copy, because values in a file are not aligned, and the caller's bytes stay as they are.
  const elements = new Uint8Array(bytes.subarray(dataStart));
  if (type.isBigEndian && type.swappedBytes > 1) swapBytes(elements, type.swappedBytes);
  const values = type.decode(elements);
  const rounded = /[ui]8$/.test(descr) ? roundedIntegers(elements, values as Float64Array, descr.includes("u")) : 0;
  const notes = [
    ...(descr.startsWith("=") ? [`dtype ${descr} is read as little-endian`] : []),
    ...(rounded > 0 ? [`${rounded} integers beyond 2^53 are rounded to float64`] : []),
  ];
  return { shape, values: isFortran && shape.length > 1 ? rowMajor(values, shape) : values, notes };
}

/** Reverses the bytes of each element. */
function swapBytes(bytes: Uint8Array, sizeBytes: number): void {
  for (let first = 0; first < bytes.length; first += sizeBytes) {
    for (let a = first, b = first + sizeBytes - 1; a < b; a++, b--) {
      const byte = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = byte;
    }
  }
}

/** Number of 64-bit integers that a float64 does not hold. */
function roundedIntegers(bytes: Uint8Array<ArrayBuffer>, values: Float64Array, isUnsigned: boolean): number {
  const integers = isUnsigned ? new BigUint64Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
  let rounded = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isSafeInteger(values[i]) && BigInt(values[i]) !== integers[i]) rounded++;
  }
  return rounded;
}

/** Values with the last index fastest, from values with the first index fastest. */
function rowMajor(values: NpyValues, shape: readonly number[]): NpyValues {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  let next = 0;
  const place = () => {
    const at = next;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      next += strides[axis];
      if (++index[axis] < shape[axis]) break;
      next -= index[axis] * strides[axis];
      index[axis] = 0;
    }
    return at;
  };
  return isTexts(values) ? values.map(() => values[place()]) : values.map(() => values[place()]);
}
