/** Writes .npy files as NumPy does, for tests. */

type Set = (view: DataView, offset: number, value: number, isLittle: boolean) => void;

const encoders: Record<string, { sizeBytes: number; set: Set }> = {
  f2: { sizeBytes: 2, set: (view, offset, value, isLittle) => view.setUint16(offset, halfBits(value), isLittle) },
  f4: { sizeBytes: 4, set: (view, offset, value, isLittle) => view.setFloat32(offset, value, isLittle) },
  f8: { sizeBytes: 8, set: (view, offset, value, isLittle) => view.setFloat64(offset, value, isLittle) },
  u1: { sizeBytes: 1, set: (view, offset, value) => view.setUint8(offset, value) },
  b1: { sizeBytes: 1, set: (view, offset, value) => view.setUint8(offset, value) },
  i1: { sizeBytes: 1, set: (view, offset, value) => view.setInt8(offset, value) },
  u2: { sizeBytes: 2, set: (view, offset, value, isLittle) => view.setUint16(offset, value, isLittle) },
  i2: { sizeBytes: 2, set: (view, offset, value, isLittle) => view.setInt16(offset, value, isLittle) },
  u4: { sizeBytes: 4, set: (view, offset, value, isLittle) => view.setUint32(offset, value, isLittle) },
  i4: { sizeBytes: 4, set: (view, offset, value, isLittle) => view.setInt32(offset, value, isLittle) },
  u8: { sizeBytes: 8, set: (view, offset, value, isLittle) => view.setBigUint64(offset, BigInt(value), isLittle) },
  i8: { sizeBytes: 8, set: (view, offset, value, isLittle) => view.setBigInt64(offset, BigInt(value), isLittle) },
};

/** IEEE 754 binary16 bits of an integer or fraction that it holds, from 2^-14 in magnitude. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.abs(value) / 2 ** exponent - 1;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | (fraction * 1024);
}

/** Names of all number types: each without byte order marks, big- and little-endian, and in the writer's order. */
export const dtypes = Object.keys(encoders).flatMap((type) => ["<", ">", "=", "|", ""].map((order) => order + type));

/** The bytes of a .npy file of texts, `length` characters each, in UTF-32. */
export function npyTexts(texts: readonly string[], length: number, order: "<" | ">" = "<"): Uint8Array {
  const codes = texts.flatMap((text) => {
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    return [...points, ...Array<number>(length - points.length).fill(0)];
  });
  const header = `{'descr': '${order}U${length}', 'fortran_order': False, 'shape': (${texts.length},), }`;
  return npyWithHeader(header, `${order}u4`, codes);
}

/** The bytes of a .npy file with any header text, the values encoded as `dtype`. */
export function npyWithHeader(header: string, dtype: string, values: ArrayLike<number>, version = 1): Uint8Array {
  const { sizeBytes, set } = encoders[dtype.replace(/^[<>=|]/, "")];
  const start = version === 1 ? 10 : 12;
  // NumPy pads the header with spaces and a line feed to a multiple of 64.
  const padded = `${header.padEnd(Math.ceil((start + header.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + values.length * sizeBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), start);
  for (let i = 0; i < values.length; i++) {
    set(view, start + padded.length + i * sizeBytes, values[i], !dtype.startsWith(">"));
  }
  return bytes;
}

export function npy(dtype: string, shape: readonly number[], values: ArrayLike<number>, version = 1): Uint8Array {
  const dimensions = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  return npyWithHeader(
    `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${dimensions}, }`,
    dtype,
    values,
    version,
  );
}
