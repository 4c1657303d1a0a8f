import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { asFloat32, dtypes, type Tensor } from "../../src/store/dtype.ts";
import { readSafetensors, writeSafetensors } from "../../src/store/safetensors.ts";

/** A file with the given header and number of data bytes. */
function file(header: unknown, dataLength = 0): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const bitsOf = ({ data }: Tensor) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

const f32 = (shape: number[], begin: number, end: number) => ({ dtype: "F32", shape, data_offsets: [begin, end] });

test("the written bytes are the format's, header padded to a multiple of 8", () => {
  const bytes = writeSafetensors(new Map([["w", { dtype: "F32", shape: [1, 2], data: new Float32Array([1, -2]) }]]), {
    b: "2",
    a: "1",
  });
  const header = '{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(padded.length));
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
  expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  "the header may have any length: %i bytes more; Node's Buffer gives the same",
  (more) => {
    const header = `{"w":${JSON.stringify(f32([2], 0, 8))},"i":${JSON.stringify({ dtype: "I64", shape: [1], data_offsets: [8, 16] })}}`;
    const bytes = file(header + " ".repeat(more), 16);
    bytes.set([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 5], bytes.length - 16);
    for (const content of [bytes, Buffer.from(bytes)]) {
      const { tensors } = readSafetensors(content, "f");
      expect([...(tensors.get("w")?.data ?? [])]).toEqual([1, -2]);
      expect([...(tensors.get("i")?.data ?? [])]).toEqual([5n]);
    }
  },
);

test.each([
  ["w", '"w"'],
  ['a "{w}', '"a \\"{w}" '],
  ["w", '"\\u0077"'],
])("a tensor that stands twice in the header is refused: %s", (name, second) => {
  const entry = JSON.stringify(f32([2], 0, 8));
  const bytes = file(`{${JSON.stringify(name)}:${entry},${second}:${entry}}`, 8);
  expect(() => readSafetensors(bytes, "f")).toThrow(
    `f: the header of ${bytes.length - 16} bytes is JSON with the key "${name}" twice in one object; give a safetensors file`,
  );
});

test("metadata may be long and name tensors", () => {
  const text = `\\"w":{ \n${'\\\\"'.repeat(3_000_000)}`;
  const written = writeSafetensors(new Map([["w", { dtype: "F32", shape: [1], data: new Float32Array(1) }]]), {
    w: text,
    'a\\"': "w",
  });
  expect(readSafetensors(written, "f").metadata.w).toBe(text);
});

test("wider elements come first, so that every tensor is aligned; otherwise the given order stays", () => {
  const tensors = new Map<string, Tensor>([
    ["mask", { dtype: "U8", shape: [3], data: new Uint8Array(3) }],
    ["b", { dtype: "F32", shape: [1], data: new Float32Array(1) }],
    ["a", { dtype: "F32", shape: [2], data: new Float32Array(2) }],
  ]);
  expect([...readSafetensors(writeSafetensors(tensors), "f").tensors.keys()]).toEqual(["b", "a", "mask"]);
});

test("tensors that are not aligned in the file are copied, from a Buffer of Node too", () => {
  // Other writers do not pad the header.
  const header = JSON.stringify({ w: f32([2], 0, 8) });
  const bytes = file(`${header}${" ".repeat((1 - header.length) & 3)}`, 8);
  new DataView(bytes.buffer).setFloat32(bytes.length - 8, 1.5, true);
  for (const content of [bytes, Buffer.from(bytes)]) {
    expect([...asFloat32(readSafetensors(content, "f").tensors.get("w") as Tensor)]).toEqual([1.5, 0]);
  }
});

test("tensors and metadata come back as they were, bit for bit", () => {
  const float32 = fc.uint32Array({ maxLength: 20 }).map((words): Tensor => {
    return { dtype: "F32", shape: [words.length], data: new Float32Array(words.buffer) };
  });
  const bytes = fc
    .uint8Array({ maxLength: 20 })
    .map((data): Tensor => ({ dtype: "U8", shape: [1, data.length], data }));
  const integers = fc
    .bigInt64Array({ maxLength: 5 })
    .map((data): Tensor => ({ dtype: "I64", shape: [data.length], data }));
  const name = fc.string().filter((text) => text !== "__metadata__" && text !== "__proto__");
  const tensors = fc.uniqueArray(fc.tuple(name, fc.oneof(float32, bytes, integers)), { selector: ([key]) => key });
  fc.assert(
    fc.property(tensors, fc.dictionary(name, fc.string()), fc.nat(3), (list, metadata, shift) => {
      const written = writeSafetensors(new Map(list), metadata);
      // A view at any offset of a larger buffer gives the same result.
      const moved = new Uint8Array(written.length + shift).subarray(shift);
      moved.set(written);
      const back = readSafetensors(moved, "f");
      expect({ ...back.metadata }).toEqual({ ...metadata });
      expect(back.tensors.size).toBe(list.length);
      for (const [key, tensor] of list) {
        const got = back.tensors.get(key);
        expect(got?.dtype).toBe(tensor.dtype);
        expect(got?.shape).toEqual(tensor.shape);
        expect(got && bitsOf(got)).toEqual(bitsOf(tensor));
      }
    }),
  );
});

test("any bytes give tensors or an InputError, never another failure", () => {
  const valid = writeSafetensors(new Map([["w", { dtype: "F32", shape: [2], data: new Float32Array(2) }]]), { a: "b" });
  const damaged = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length)).map(([at, byte, length]) => {
    const bytes = valid.slice(0, length);
    if (at < length) bytes[at] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        fc.uint8Array(),
        fc.json().map((text) => file(text)),
      ),
      (bytes) => {
        try {
          readSafetensors(bytes, "f");
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).not.toContain("\n");
        }
      },
    ),
    { numRuns: 500 },
  );
});

describe("values as f32", () => {
  const values = (tensor: Tensor) => [...asFloat32(tensor)];
  test("F16: normal, subnormal, both zeros, infinities, NaN", () => {
    const data = new Uint16Array([0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00, 0x7e00]);
    expect(values({ dtype: "F16", shape: [9], data })).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      1023 * 2 ** -24,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });
  test("BF16 is the upper half of an f32", () => {
    const data = new Uint16Array([0x3f80, 0xc040, 0x8000, 0x7f80]);
    expect(values({ dtype: "BF16", shape: [4], data })).toEqual([1, -3, -0, Number.POSITIVE_INFINITY]);
  });
  test("F64, integers and BOOL", () => {
    expect(values({ dtype: "F64", shape: [2], data: new Float64Array([0.1, -5]) })).toEqual([Math.fround(0.1), -5]);
    expect(values({ dtype: "I64", shape: [2], data: new BigInt64Array([1n, -7n]) })).toEqual([1, -7]);
    expect(values({ dtype: "I32", shape: [1], data: new Int32Array([-3]) })).toEqual([-3]);
    expect(values({ dtype: "BOOL", shape: [2], data: new Uint8Array([0, 1]) })).toEqual([0, 1]);
  });
  test("floats of 8 bits: ones, largest, smallest, both zeros, what is not a number", () => {
    const eight = (dtype: "F8_E4M3" | "F8_E5M2" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ", bits: number[]) =>
      values({ dtype, shape: [bits.length], data: new Uint8Array(bits) });
    expect(eight("F8_E4M3", [0x38, 0xb8, 0x7e, 0x01, 0x80, 0x7f, 0xff])).toEqual(
      [1, -1, 448, 2 ** -9, -0, Number.NaN, Number.NaN], // Micikevicius et al. 2022, table 1
    );
    expect(eight("F8_E5M2", [0x3c, 0x7b, 0x01, 0x80, 0x7c, 0x7e])).toEqual([
      1,
      57344,
      2 ** -16,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect(eight("F8_E4M3FNUZ", [0x40, 0xc0, 0x7f, 0x01, 0x80])).toEqual([1, -1, 240, 2 ** -10, Number.NaN]);
    expect(eight("F8_E5M2FNUZ", [0x40, 0x7f, 0x01, 0x80])).toEqual([1, 57344, 2 ** -17, Number.NaN]);
  });
  test("integers of all sizes", () => {
    expect(values({ dtype: "U64", shape: [1], data: new BigUint64Array([9n]) })).toEqual([9]);
    expect(values({ dtype: "U32", shape: [1], data: new Uint32Array([4294967295]) })).toEqual([4294967296]);
    expect(values({ dtype: "I16", shape: [1], data: new Int16Array([-7]) })).toEqual([-7]);
    expect(values({ dtype: "U16", shape: [1], data: new Uint16Array([65535]) })).toEqual([65535]);
    expect(values({ dtype: "I8", shape: [1], data: new Int8Array([-128]) })).toEqual([-128]);
  });
  test("F32 is not copied", () => {
    const data = new Float32Array([1]);
    expect(asFloat32({ dtype: "F32", shape: [1], data })).toBe(data);
  });
});

describe("a malformed file is refused by file, field, value and bound", () => {
  const cut = file({ w: f32([2], 0, 8) }, 8).subarray(0, 30);
  const cases: [string, Uint8Array, string][] = [
    [
      "too short",
      new Uint8Array(5),
      "f: 5 bytes are too few for a safetensors file, which starts with an 8-byte header length; give another file",
    ],
    [
      "header longer than the file",
      cut,
      "f: header length 54 exceeds the 22 bytes after it; the file is cut off or no safetensors file",
    ],
    [
      "begins with no brace",
      file("[1]"),
      "f: the header of 3 bytes does not begin with { as the format asks (no byte order mark, no blank); give a safetensors file",
    ],
    [
      "blank before the brace",
      file(" {}"),
      "f: the header of 3 bytes does not begin with { as the format asks (no byte order mark, no blank); give a safetensors file",
    ],
    [
      "byte order mark",
      file("\ufeff{}"),
      "f: the header of 5 bytes does not begin with { as the format asks (no byte order mark, no blank); give a safetensors file",
    ],
    ["metadata null", file({ __metadata__: null }), "f: __metadata__ is null, not an object of strings"],
    ["metadata a list", file({ __metadata__: [] }), "f: __metadata__ is [], not an object of strings"],
    [
      "more elements than can be counted, though none is stored",
      file({ w: f32([2 ** 40, 2 ** 40, 0], 0, 0) }),
      "f: tensor w: shape [1099511627776,1099511627776,0] has more elements than can be counted",
    ],
    ["metadata no object", file({ __metadata__: 3 }), "f: __metadata__ is 3, not an object of strings"],
    ["metadata no string", file({ __metadata__: { a: 1 } }), "f: __metadata__.a is 1, not a string"],
    ["entry no object", file({ w: [] }), "f: tensor w: entry [] is not an object"],
    [
      "unknown dtype",
      file({ w: { ...f32([2], 0, 8), dtype: "F128" } }, 8),
      `f: tensor w: dtype "F128" is not one of ${dtypes.join(", ")}; convert it`,
    ],
    [
      "dtype that every object has",
      file({ w: { ...f32([2], 0, 8), dtype: "toString" } }, 8),
      `f: tensor w: dtype "toString" is not one of ${dtypes.join(", ")}; convert it`,
    ],
    [
      "packed elements",
      file({ w: { dtype: "F4", shape: [3, 2], data_offsets: [0, 4] } }, 4),
      "f: tensor w: data_offsets span 4 bytes, shape [3,2] of F4 needs 3",
    ],
    ["negative width", file({ w: f32([-2], 0, 8) }, 8), "f: tensor w: shape [-2] is not a list of integers from 0"],
    ["shape missing", file({ w: { dtype: "F32" } }), "f: tensor w: shape nothing is not a list of integers from 0"],
    [
      "offsets reversed",
      file({ w: f32([2], 8, 0) }, 8),
      "f: tensor w: data_offsets [8,0] are not [begin, end] with 0 <= begin <= end",
    ],
    [
      "size against shape",
      file({ w: f32([3], 0, 8) }, 8),
      "f: tensor w: data_offsets span 8 bytes, shape [3] of F32 needs 12",
    ],
    [
      "overlap",
      file({ v: f32([2], 0, 8), w: f32([2], 4, 12) }, 12),
      "f: tensor w: data_offsets begin at 4, which overlaps the tensor before it; expected 8",
    ],
    [
      "two tensors in one place",
      file({ v: f32([2], 0, 8), w: f32([2], 0, 8) }, 8),
      "f: tensor w: data_offsets begin at 0, which overlaps the tensor before it; expected 8",
    ],
    [
      "hole",
      file({ v: f32([2], 0, 8), w: f32([2], 12, 20) }, 20),
      "f: tensor w: data_offsets begin at 12, which leaves a hole; expected 8",
    ],
    [
      "data after the end",
      file({ w: f32([2], 0, 8) }, 9),
      "f: the tensors end at byte 8 of the data, the file holds 9; it is cut off or damaged",
    ],
    [
      "data cut off",
      file({ w: f32([2], 0, 8) }, 7),
      "f: the tensors end at byte 8 of the data, the file holds 7; it is cut off or damaged",
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes, "f")).toThrow(new InputError(message));
  });
});

test("a file of more tensors than 65,536 is refused before they are made", () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, f32([0], 0, 0)]));
  expect(readSafetensors(file(many(65_536)), "f").tensors.size).toBe(65_536);
  expect(() => readSafetensors(file(many(65_537)), "f")).toThrow(
    new InputError("f: it holds 65537 tensors, at most 65536 are read; give fewer in a file"),
  );
});
