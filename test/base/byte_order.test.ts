import { expect, it } from "vitest";
import { checkByteOrder } from "../../src/base/byte_order.ts";
import { DeviceError } from "../../src/base/errors.ts";

it("accepts this machine, and refuses one that stores the most significant byte first", () => {
  expect(() => checkByteOrder()).not.toThrow();
  // The first byte of 1 there.
  expect(() => checkByteOrder(0)).toThrow(DeviceError);
  expect(() => checkByteOrder(0)).toThrow(/big-endian/);
});
