import { invariant } from "../base/errors.ts";
import { binary16, type SmallFloat, smallFloat } from "../base/small_float.ts";

/**
 * The element types of the safetensors format. Typed arrays have the byte order of the machine, which
 * `src/base/byte_order.ts` checks.
 */

/**
 * The array type of each dtype. Floats of 8 and 16 bits are kept as their bits, which {@link asFloat32} converts. Types
 * of fewer than 8 bits and complex numbers are kept as bytes; they are never converted.
 */
const arrayOf = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  C64: Uint8Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  F8_E4M3FNUZ: Uint8Array,
  F8_E5M2FNUZ: Uint8Array,
  F8_E8M0: Uint8Array,
  F6_E2M3: Uint8Array,
  F6_E3M2: Uint8Array,
  F4: Uint8Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof arrayOf;

export const dtypes = Object.keys(arrayOf) as readonly Dtype[];

/** One tensor; `data` is row-major and has as many elements as the product of `shape`, but for {@link isUnreadable} types. */
export type Tensor = {
  [D in Dtype]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: (typeof arrayOf)[D]["prototype"];
  };
}[Dtype];

/** Bits of an element of those dtypes whose array has another element size. */
const packedBits: Partial<Record<Dtype, number>> = { C64: 64, F6_E2M3: 6, F6_E3M2: 6, F4: 4 };

/** Bits of one element. */
export function elementBits(dtype: Dtype): number {
  return packedBits[dtype] ?? 8 * arrayOf[dtype].BYTES_PER_ELEMENT;
}

/** Whether the values of a dtype are not weights or masks that can be read: packed, complex, or a power of 2 without a 0. */
export function isUnreadable(dtype: Dtype): boolean {
  return dtype in packedBits || dtype === "F8_E8M0";
}

const integers: readonly Dtype[] = ["I64", "U64", "I32", "U32", "I16", "U16", "I8", "U8", "BOOL"];

/** Whether the values of a dtype are integers or booleans. */
export function isInteger(dtype: Dtype): boolean {
  return integers.includes(dtype);
}

/**
 * A tensor of the bytes: a view of them where they are aligned for the dtype, else a copy. (`slice` of a Buffer of Node
 * copies nothing.)
 */
export function tensorOf(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const type = arrayOf[dtype];
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  return {
    dtype,
    shape,
    data: new type(buffer as ArrayBuffer, byteOffset, byteLength / type.BYTES_PER_ELEMENT),
  } as Tensor;
}

const smallFloats: Partial<Record<Dtype, SmallFloat>> = {
  F16: binary16,
  F8_E5M2: { exponentBits: 5, fractionBits: 2, bias: 15, special: "ieee" },
  F8_E4M3: { exponentBits: 4, fractionBits: 3, bias: 7, special: "finite" },
  F8_E5M2FNUZ: { exponentBits: 5, fractionBits: 2, bias: 16, special: "unsigned" },
  F8_E4M3FNUZ: { exponentBits: 4, fractionBits: 3, bias: 8, special: "unsigned" },
};

/** A tensor's values as f32, rounded to nearest if the dtype is wider; F32 is not copied. */
export function asFloat32(tensor: Tensor): Float32Array {
  const { dtype, data } = tensor;
  invariant(!isUnreadable(dtype), `values of ${dtype} as f32`);
  if (dtype === "F32") return data;
  const values = new Float32Array(data.length);
  const small = smallFloats[dtype];
  if (small) {
    // One entry for each bit pattern.
    const table = Float32Array.from({ length: 2 ** elementBits(dtype) }, (_, bits) => smallFloat(bits, small));
    for (let i = 0; i < values.length; i++) values[i] = table[data[i] as number];
  } else if (dtype === "BF16") {
    // bfloat16 is the upper half of an f32.
    const words = new Uint32Array(values.buffer);
    for (let i = 0; i < words.length; i++) words[i] = (data as Uint16Array)[i] << 16;
  } else if (dtype === "I64" || dtype === "U64") {
    for (let i = 0; i < values.length; i++) values[i] = Number(data[i]);
  } else {
    values.set(data as Float64Array);
  }
  return values;
}

/** The words of a tensor's elements as unsigned integers, with the words of 0 and 1. */
export interface ElementWords {
  readonly words: Uint8Array | Uint16Array | Uint32Array;
  /** Bits that are all 0 in a zero of either sign, and in no other value. */
  readonly magnitude: number;
  /** The word of the value 1. */
  readonly one: number;
}

const signlessOnes: Partial<Record<Dtype, number>> = {
  F32: 0x3f80_0000,
  F16: 0x3c00,
  BF16: 0x3f80,
  F8_E4M3: 0x38,
  F8_E5M2: 0x3c,
  F8_E4M3FNUZ: 0x40,
  F8_E5M2FNUZ: 0x40,
};

/**
 * The bits of a tensor's elements, so that zeros and ones of all dtypes are found in the same way and at full precision:
 * an F64 that would round to an f32 of 0 is no zero. Only elements of 64 bits are copied, to bytes of 0, 1 and 2 (any
 * other value).
 */
export function elementWords({ dtype, data }: Tensor): ElementWords {
  invariant(!isUnreadable(dtype), `words of ${dtype}`);
  const { buffer, byteOffset, length, BYTES_PER_ELEMENT: size } = data;
  if (size === 8) {
    return {
      words: narrowed(new Uint32Array(buffer as ArrayBuffer, byteOffset, 2 * length), dtype === "F64"),
      magnitude: 3,
      one: 1,
    };
  }
  const type = size === 4 ? Uint32Array : size === 2 ? Uint16Array : Uint8Array;
  const one = signlessOnes[dtype] ?? 1;
  // Formats of the kind "unsigned" have no negative zero: these bits are NaN.
  const signed = dtype in signlessOnes && smallFloats[dtype]?.special !== "unsigned";
  const all = 2 ** (8 * size) - 1;
  return { words: new type(buffer as ArrayBuffer, byteOffset, length), magnitude: signed ? all >>> 1 : all, one };
}

/** Elements of 64 bits, given as pairs of low and high word, as bytes: 0 and 1 for these values, 2 for any other. */
function narrowed(pairs: Uint32Array, isFloat: boolean): Uint8Array {
  const codes = new Uint8Array(pairs.length / 2);
  const [lowOne, highOne] = isFloat ? [0, 0x3ff0_0000] : [1, 0];
  const magnitude = isFloat ? 0x7fff_ffff : 0xffff_ffff;
  for (let i = 0; i < codes.length; i++) {
    const low = pairs[2 * i];
    const high = pairs[2 * i + 1];
    if (low === lowOne && high === highOne) codes[i] = 1;
    else if (low !== 0 || (high & magnitude) !== 0) codes[i] = 2;
  }
  return codes;
}

/** One element for a message, such as `0.5`. */
export function shownElement(tensor: Tensor, index: number): string {
  const { dtype, data } = tensor;
  const small = smallFloats[dtype];
  if (small) return String(smallFloat(data[index] as number, small));
  if (dtype === "BF16")
    return String(asFloat32({ dtype, shape: [1], data: data.slice(index, index + 1) as Uint16Array })[0]);
  return String(data[index]);
}
