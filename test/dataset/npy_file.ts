/** Writes .npy files as NumPy does, for tests. */

const encoders: Record<string, { sizeBytes: number; set: (view: DataView, offset: number, value: number) => void }> = {
  "<f4": { sizeBytes: 4, set: (view, offset, value) => view.setFloat32(offset, value, true) },
  "<f8": { sizeBytes: 8, set: (view, offset, value) => view.setFloat64(offset, value, true) },
  "|u1": { sizeBytes: 1, set: (view, offset, value) => view.setUint8(offset, value) },
  "|b1": { sizeBytes: 1, set: (view, offset, value) => view.setUint8(offset, value) },
  "|i1": { sizeBytes: 1, set: (view, offset, value) => view.setInt8(offset, value) },
  "<u2": { sizeBytes: 2, set: (view, offset, value) => view.setUint16(offset, value, true) },
  "<i2": { sizeBytes: 2, set: (view, offset, value) => view.setInt16(offset, value, true) },
  "<u4": { sizeBytes: 4, set: (view, offset, value) => view.setUint32(offset, value, true) },
  "<i4": { sizeBytes: 4, set: (view, offset, value) => view.setInt32(offset, value, true) },
  "<u8": { sizeBytes: 8, set: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true) },
  "<i8": { sizeBytes: 8, set: (view, offset, value) => view.setBigInt64(offset, BigInt(value), true) },
};

export const dtypes = Object.keys(encoders);

/** The bytes of a .npy file with any header text, the values encoded as `dtype`. */
export function npyWithHeader(header: string, dtype: string, values: ArrayLike<number>, version = 1): Uint8Array {
  const { sizeBytes, set } = encoders[dtype];
  const start = version === 1 ? 10 : 12;
  // NumPy pads the header with spaces and a line feed to a multiple of 64.
  const padded = `${header.padEnd(Math.ceil((start + header.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + values.length * sizeBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), start);
  for (let i = 0; i < values.length; i++) set(view, start + padded.length + i * sizeBytes, values[i]);
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
