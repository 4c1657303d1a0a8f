import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/base/crc32.ts";
import { unpackMembers, ZipError, zipMembers } from "../../src/base/zip.ts";

const long = strToU8("a text that is long enough to be packed, ".repeat(50));

function read(bytes: Uint8Array, mostBytes = 2 ** 20) {
  return unpackMembers(bytes, zipMembers(bytes), mostBytes);
}

/** Places of a record's signature in a file. */
function places(bytes: Uint8Array, signature: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return [...bytes.keys()].filter((at) => at + 4 <= bytes.length && view.getUint32(at, true) === signature);
}

/** A copy in which a 16- or 32-bit field of the first entry of the central directory has another value. */
function withEntry(bytes: Uint8Array, offset: number, value: number, bits: 16 | 32 = 32): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const [entry] = places(changed, 0x02014b50);
  if (bits === 16) view.setUint16(entry + offset, value, true);
  else view.setUint32(entry + offset, value, true);
  return changed;
}

test("CRC-32 has its published check value", () => {
  expect(crc32(strToU8("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

test.each([0, 9] as const)("members at compression %d, their names, empty ones and folders", (level) => {
  const bytes = zipSync({ "a/ü.txt": long, empty: new Uint8Array(), "b/": new Uint8Array() }, { level, comment: "" });
  expect([...read(bytes)]).toEqual([
    ["a/ü.txt", long],
    ["empty", new Uint8Array()],
    ["b/", new Uint8Array()],
  ]);
  // Something may follow the directory: a comment, here of 3 bytes.
  const commented = new Uint8Array([...bytes, 1, 2, 3]);
  new DataView(commented.buffer).setUint16(bytes.length - 2, 3, true);
  expect([...read(commented).keys()]).toEqual(["a/ü.txt", "empty", "b/"]);
});

test("a member whose sizes and place stand in the extra field of zip64", () => {
  const bytes = zipSync({ a: [long, { extra: { 7: new Uint8Array(3), 1: new Uint8Array(24) } }] });
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const [entry] = places(changed, 0x02014b50);
  const wide = places(changed, 0x00180001)[1] + 4;
  for (const [i, offset] of [24, 20, 42].entries()) {
    view.setBigUint64(wide + 8 * i, BigInt(view.getUint32(entry + offset, true)), true);
    view.setUint32(entry + offset, 0xffffffff, true);
  }
  expect([...read(changed)]).toEqual([["a", long]]);
});

describe("refused", () => {
  const packed = zipSync({ a: long });
  const stored = zipSync({ a: long }, { level: 0 });
  const data = 30 + 1;
  const twice = zipSync({ a: long, b: strToU8("x") });
  twice[places(twice, 0x02014b50)[1] + 46] = "a".charCodeAt(0);
  const flipped = stored.slice();
  flipped[data + 5] ^= 1;
  const broken = packed.slice();
  broken.fill(0xff, data, data + 8);

  test.each([
    ["no zip", strToU8("PK not"), "invalid zip data"],
    ["cut directory", withEntry(packed, 28, 60_000, 16), "damaged zip directory"],
    ["no directory", withEntry(packed, 0, 0), "damaged zip directory"],
    ["a flipped bit", flipped, /^"a" is damaged: its CRC-32 is [0-9a-f]{8}, the directory says [0-9a-f]{8}$/],
    ["damaged deflate data", broken, /^"a" is damaged: /],
    ["larger than it says", withEntry(packed, 24, 100), '"a" unpacks to another size than the 100 bytes that'],
    ["smaller than it says", withEntry(packed, 24, 2051), '"a" unpacks to another size than the 2051 bytes that'],
    [
      "a size that cannot be",
      withEntry(packed, 24, 1_000_000),
      /^"a" is damaged: \d+ packed bytes cannot hold 1000000$/,
    ],
    ["above the bound", withEntry(packed, 24, 2 ** 21), "it unpacks to 2097152 bytes, at most 1048576 are read"],
    ["cut member", withEntry(stored, 20, 1_000_000), '"a" is cut short: 1000000 packed bytes at 31 of'],
    ["place", withEntry(packed, 42, 4), '"a" is damaged: it does not start where the directory says'],
    ["encrypted", withEntry(packed, 8, 1, 16), '"a" is encrypted'],
    ["method", withEntry(packed, 10, 12, 16), '"a" is packed by method 12, stored (0) and deflated (8)'],
    ["twice", twice, '"a" is in it twice'],
  ])("%s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ZipError);
    expect(() => read(bytes)).toThrow(message);
  });
});
