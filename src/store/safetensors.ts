import { checkByteOrder } from "../base/byte_order.ts";
import { InputError, invariant } from "../base/errors.ts";
import { JsonError, parseJsonBytes } from "../base/json.ts";
import { shown, shownJson } from "../base/visible.ts";
import { type Dtype, dtypes, elementBits, type Tensor, tensorOf } from "./dtype.ts";

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): an 8-byte little-endian header length, a JSON
 * header with each tensor's dtype, shape and offsets, then the values, little-endian, row-major, without gaps.
 */

/** The content of a file. */
export interface Safetensors {
  /** In the order of their offsets in the file. */
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/** A tensor's entry in the header, with valid dtype, shape and length. */
interface Entry {
  readonly tensorName: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const lengthBytes = 8;
/** Bytes of a header that the reference implementation reads at most. */
const mostHeaderBytes = 100_000_000;
const openingBrace = 0x7b;
/** Tensors of a file: each takes some kilobytes of main memory until it is read. */
const mostTensors = 2 ** 16;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isDtype = (value: unknown): value is Dtype => dtypes.some((dtype) => dtype === value);
const elementCount = (shape: readonly number[]) => shape.reduce((product, width) => product * width, 1);
/** Whether a product of leading widths is beyond exact integers, though a width of 0 may follow. */
function isUncountable(shape: readonly number[]): boolean {
  let product = 1;
  return shape.some((width) => {
    product *= width;
    return product > Number.MAX_SAFE_INTEGER;
  });
}

/**
 * Reads a safetensors file.
 * @param bytes the whole file; tensors are views of it where they are aligned
 * @param name name of the file, for error messages
 * @throws InputError that names file, field, value and bound when the file violates the format
 */
export function readSafetensors(bytes: Uint8Array, name: string): Safetensors {
  checkByteOrder();
  const { header, dataStart } = readHeader(bytes, name);
  const { __metadata__: metadata = {}, ...fields } = header;
  if (!isObject(metadata)) {
    throw new InputError(`${name}: __metadata__ is ${shownJson(metadata)}, not an object of strings`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new InputError(`${name}: __metadata__.${shown(key)} is ${shownJson(value)}, not a string`);
    }
  }
  const count = Object.keys(fields).length;
  if (count > mostTensors) {
    throw new InputError(`${name}: it holds ${count} tensors, at most ${mostTensors} are read; give fewer in a file`);
  }
  const entries = Object.entries(fields).map(([tensorName, field]) => readEntry(tensorName, field, name));
  // An empty tensor has the same begin as the next tensor, so it must be sorted first.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkPlaces(entries, bytes.length - dataStart, name);
  const tensors = new Map<string, Tensor>();
  for (const { tensorName, dtype, shape, begin, end } of entries) {
    tensors.set(tensorName, tensorOf(dtype, shape, bytes.subarray(dataStart + begin, dataStart + end)));
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < lengthBytes) {
    throw new InputError(
      `${name}: ${bytes.length} bytes are too few for a safetensors file, which starts with an 8-byte header length; give another file`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  const available = bytes.length - lengthBytes;
  if (length > available) {
    throw new InputError(
      `${name}: header length ${length} exceeds the ${available} bytes after it; the file is cut off or no safetensors file`,
    );
  }
  if (length > mostHeaderBytes) {
    throw new InputError(
      `${name}: header length ${length} is above ${mostHeaderBytes}, the most that the format allows; give a safetensors file`,
    );
  }
  const dataStart = lengthBytes + Number(length);
  if (bytes[lengthBytes] !== openingBrace) {
    throw new InputError(
      `${name}: the header of ${length} bytes does not begin with { as the format asks (no byte order mark, no blank); give a safetensors file`,
    );
  }
  let header: unknown;
  try {
    header = parseJsonBytes(bytes.subarray(lengthBytes, dataStart));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`${name}: the header of ${length} bytes is ${error.message}; give a safetensors file`);
  }
  if (!isObject(header)) throw new InputError(`${name}: the header is ${shownJson(header)}, not an object of tensors`);
  return { header, dataStart };
}

function readEntry(tensorName: string, field: unknown, name: string): Entry {
  const where = `${name}: tensor ${shown(tensorName)}`;
  if (!isObject(field)) throw new InputError(`${where}: entry ${shownJson(field)} is not an object`);
  const { dtype, shape, data_offsets: offsets } = field;
  if (!isDtype(dtype)) {
    throw new InputError(`${where}: dtype ${shownJson(dtype)} is not one of ${dtypes.join(", ")}; convert it`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new InputError(`${where}: shape ${shownJson(shape)} is not a list of integers from 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw new InputError(`${where}: data_offsets ${shownJson(offsets)} are not [begin, end] with 0 <= begin <= end`);
  }
  const [begin, end] = offsets;
  if (isUncountable(shape)) {
    throw new InputError(`${where}: shape ${shownJson(shape)} has more elements than can be counted`);
  }
  const bytesNeeded = (elementCount(shape) * elementBits(dtype)) / 8;
  if (end - begin !== bytesNeeded) {
    throw new InputError(
      `${where}: data_offsets span ${end - begin} bytes, shape ${shownJson(shape)} of ${dtype} needs ${bytesNeeded}`,
    );
  }
  return { tensorName, dtype, shape, begin, end };
}

/** Checks that the entries, sorted by offset, cover the data completely and without overlap. */
function checkPlaces(entries: readonly Entry[], dataLength: number, name: string): void {
  let covered = 0;
  for (const { tensorName, begin, end } of entries) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlaps the tensor before it" : "leaves a hole";
      throw new InputError(
        `${name}: tensor ${shown(tensorName)}: data_offsets begin at ${begin}, which ${fault}; expected ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== dataLength) {
    throw new InputError(
      `${name}: the tensors end at byte ${covered} of the data, the file holds ${dataLength}; it is cut off or damaged`,
    );
  }
}

/**
 * Writes a safetensors file; equal arguments give equal bytes.
 * @param tensors by name; sorted by element size, largest first, else in the given order, so that each starts at a
 * multiple of its element size
 * @param metadata stored as `__metadata__`, keys sorted
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkByteOrder();
  const placed = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) {
    fields.push(`"__metadata__":${JSON.stringify(metadata, Object.keys(metadata).sort())}`);
  }
  let dataLength = 0;
  for (const [tensorName, { dtype, shape, data }] of placed) {
    invariant(
      8 * data.byteLength === elementCount(shape) * elementBits(dtype),
      `tensor ${tensorName}: ${data.length} elements, shape [${shape.join(",")}]`,
    );
    const end = dataLength + data.byteLength;
    fields.push(`${JSON.stringify(tensorName)}:${JSON.stringify({ dtype, shape, data_offsets: [dataLength, end] })}`);
    dataLength = end;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerLength + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(json, lengthBytes);
  let position = lengthBytes + headerLength;
  for (const [, { data }] of placed) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}
