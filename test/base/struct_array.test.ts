import { describe, expect, it } from "vitest";
import { StructArray, type StructLayout } from "../../src/base/struct_array.ts";

const layout: StructLayout = {
  sizeBytes: 12,
  fields: { count: { type: "u32", offsetBytes: 4 }, share: { type: "f32", offsetBytes: 8 } },
};

describe("StructArray", () => {
  it("reads back what it writes, in the bytes that a device holds", () => {
    const array = new StructArray(layout, new ArrayBuffer(36));
    array.set(1, "count", 0xfedcba98);
    array.set(1, "share", -0.5);
    expect(array.length).toBe(3);
    expect([array.get(1, "count"), array.get(1, "share")]).toEqual([0xfedcba98, -0.5]);
    const words = [...new Uint32Array(array.bytes)];
    expect(words).toEqual([0, 0, 0, 0, 0xfedcba98, 0xbf000000, 0, 0, 0]);
  });

  it("rounds to f32 and keeps words unsigned", () => {
    const array = new StructArray(layout, new ArrayBuffer(12));
    array.set(0, "share", 0.1);
    array.set(0, "count", -1);
    expect([array.get(0, "share"), array.get(0, "count")]).toEqual([Math.fround(0.1), 0xffffffff]);
  });

  it.each([2 ** 32, -(2 ** 31) - 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("takes no count of %d", (count) => {
    const array = new StructArray(layout, new ArrayBuffer(12));
    expect(() => array.set(0, "count", count)).toThrow(`internal: count ${count} is no word`);
  });

  it("counts whole structs only", () => {
    expect(new StructArray(layout, new ArrayBuffer(35)).length).toBe(2);
  });

  it("refuses members that it does not have, and indices past its end", () => {
    const array = new StructArray<string>(layout, new ArrayBuffer(12));
    expect(() => array.get(0, "total")).toThrow("internal: no struct member total");
    expect(() => array.set(0, "total", 1)).toThrow("internal: no struct member total");
    expect(() => array.get(1, "count")).toThrow(RangeError);
  });
});
