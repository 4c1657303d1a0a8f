import { InputError } from "../base/errors.ts";
import { binary16, smallFloat } from "../base/small_float.ts";

/** Values of an array from NumPy: numbers without loss where the type holds them, or texts. */
export type NpyValues = Uint8Array | Float32Array | Float64Array | readonly string[];

/** Whether an array holds texts. */
export function isTexts(values: NpyValues): values is readonly string[] {
  return Array.isArray(values);
}

/** How the elements of one dtype are read. */
export interface NpyType {
  readonly sizeBytes: number;
  /** Bytes that change places between the byte orders: the element, or one character of a text. */
  readonly swappedBytes: number;
  readonly isBigEndian: boolean;
  /** @param bytes little-endian elements in a buffer of their own */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>) => NpyValues;
}

/** The dtypes of a fixed size, without byte order. Typed arrays are little-endian on all platforms with WebGPU. */
const decoders: Readonly<Record<string, NpyType["decode"]>> = {
  f2: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), (bits) => smallFloat(bits, binary16)),
  f4: ({ buffer }) => new Float32Array(buffer),
  f8: ({ buffer }) => new Float64Array(buffer),
  // NumPy takes any byte but 0 as true.
  b1: (bytes) => bytes.map((byte) => (byte === 0 ? 0 : 1)),
  u1: (bytes) => bytes,
  i1: ({ buffer }) => Float64Array.from(new Int8Array(buffer)),
  u2: ({ buffer }) => Float64Array.from(new Uint16Array(buffer)),
  i2: ({ buffer }) => Float64Array.from(new Int16Array(buffer)),
  u4: ({ buffer }) => Float64Array.from(new Uint32Array(buffer)),
  i4: ({ buffer }) => Float64Array.from(new Int32Array(buffer)),
  u8: ({ buffer }) => Float64Array.from(new BigUint64Array(buffer), Number),
  i8: ({ buffer }) => Float64Array.from(new BigInt64Array(buffer), Number),
};

/** What to do about the kinds of dtypes that are not read, by their letter. */
const remedies: Readonly<Record<string, string>> = {
  O: 'holds Python objects (pickle), which are not read: convert with .astype("float64"), or labels with .astype("str")',
  c: "holds complex numbers, which are not read: store .real and .imag, or numpy.abs, as columns",
  M: 'holds dates, which are not read: convert with .astype("int64")',
  m: 'holds time spans, which are not read: convert with .astype("int64")',
  V: 'holds raw bytes, which are not read: convert with .astype("float32") before it is saved',
};

/**
 * The type by NumPy's name of it: an optional byte order (`<`, `>`, `=` for the writer's, `|` for none), kind and size.
 * @throws InputError naming the dtype and how to convert it
 */
export function npyType(descr: string, where: string): NpyType {
  const [, order = "", kind = "", digits = ""] = /^([<>=|]?)([a-zA-Z?])(\d*)/.exec(descr) ?? [];
  const size = Number(digits);
  const isBigEndian = order === ">";
  if (kind === "U" && size > 0) {
    return { sizeBytes: 4 * size, swappedBytes: 4, isBigEndian, decode: (bytes) => texts(bytes, size) };
  }
  if (kind === "S" && size > 0) {
    return { sizeBytes: size, swappedBytes: 1, isBigEndian, decode: (bytes) => byteTexts(bytes, size) };
  }
  const decode = decoders[kind === "?" ? "b1" : `${kind}${digits}`];
  if (decode !== undefined) {
    const sizeBytes = kind === "?" ? 1 : size;
    return { sizeBytes, swappedBytes: sizeBytes, isBigEndian, decode };
  }
  const remedy =
    remedies[kind] ?? `is not read (${Object.keys(decoders).join(" ")} U and S are); convert with .astype("float64")`;
  throw new InputError(`${where}: dtype ${descr} ${remedy}`);
}

/** Texts of `length` characters in UTF-32, filled up with NUL. */
function texts(bytes: Uint8Array<ArrayBuffer>, length: number): string[] {
  const codes = new Uint32Array(bytes.buffer);
  return Array.from({ length: codes.length / length }, (_, i) => {
    let text = "";
    for (const code of withoutFill(codes.subarray(i * length, (i + 1) * length))) {
      text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
    }
    return text;
  });
}

/** Texts of `length` bytes in UTF-8, filled up with NUL. */
function byteTexts(bytes: Uint8Array, length: number): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: bytes.length / length }, (_, i) =>
    decoder.decode(withoutFill(bytes.subarray(i * length, (i + 1) * length))),
  );
}

/** Without the zeros at the end; searched from there, since a pattern would try each run of zeros within. */
function withoutFill<Codes extends Uint8Array | Uint32Array>(codes: Codes): Codes {
  let end = codes.length;
  while (end > 0 && codes[end - 1] === 0) end--;
  return codes.subarray(0, end) as Codes;
}
