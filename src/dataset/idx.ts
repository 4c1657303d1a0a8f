import { InputError } from "../base/errors.ts";

/** Content of an IDX file of unsigned bytes (the format of MNIST's own files). */
export interface Idx {
  /** Sizes from the slowest to the fastest dimension. */
  readonly dimensions: readonly number[];
  /** The values, row-major: a view of the file. */
  readonly values: Uint8Array;
}

const typeNames: Readonly<Record<number, string>> = {
  8: "unsigned byte",
  9: "signed byte",
  11: "16-bit integer",
  12: "32-bit integer",
  13: "32-bit float",
  14: "64-bit float",
};

/**
 * Reads an IDX file, checking every field of its header against the length of the file: two zero bytes, a type code,
 * the number of dimensions, each dimension as a big-endian 32-bit integer, then the values.
 * @param bytes the whole file, decompressed
 * @param where names the file in messages
 * @param rank number of dimensions that the reader expects
 * @throws InputError naming file, field, value and bound
 */
export function parseIdx(bytes: Uint8Array, where: string, rank: number): Idx {
  const refuse = (problem: string) =>
    new InputError(`${where}: ${problem}; this is not the file that is wanted, fetch it again`);
  if (bytes.length < 4) throw refuse(`file of ${bytes.length} bytes, an IDX header has at least 4`);
  for (let i = 0; i < 2; i++) {
    if (bytes[i] !== 0) {
      const hint = bytes[0] === 0x1f && bytes[1] === 0x8b ? " (it is gzip, decompress it)" : "";
      throw refuse(`byte ${i} is ${bytes[i]}, an IDX file starts with two zeros${hint}`);
    }
  }
  if (bytes[2] !== 8) {
    throw refuse(`type code ${bytes[2]} (${typeNames[bytes[2]] ?? "unknown"}), only 8 (unsigned byte) is read`);
  }
  if (bytes[3] !== rank) throw refuse(`${bytes[3]} dimensions, ${rank} are expected`);
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw refuse(`file of ${bytes.length} bytes, a header of ${rank} dimensions has ${header}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const available = bytes.length - header;
  const dimensions: number[] = [];
  let values = 1;
  for (let i = 0; i < rank; i++) {
    const size = view.getUint32(4 + 4 * i);
    if (size === 0) throw refuse(`dimension ${i} is 0, at least 1 is needed`);
    if (size > Math.floor(available / values)) {
      throw refuse(
        `dimension ${i} is ${size}, the ${available} bytes after the header allow ${Math.floor(available / values)}`,
      );
    }
    values *= size;
    dimensions.push(size);
  }
  if (values !== available) {
    throw refuse(`${available} bytes after the header, dimensions ${dimensions.join(" x ")} need ${values}`);
  }
  return { dimensions, values: bytes.subarray(header) };
}
