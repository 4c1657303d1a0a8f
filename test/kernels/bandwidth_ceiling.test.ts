import { describe, expect, it } from "vitest";
import { bandwidthCeiling, bandwidthCeilingBytes } from "../../src/kernels/bandwidth_ceiling.ts";
import { call, dirtyFloats, expectSameBits, normals, useSides, withWorkgroup } from "./harness.ts";

const runSides = useSides();

describe("bandwidth_ceiling", () => {
  it.each([
    [0, 1],
    [1, 1],
    [63, 64],
    [64, 64],
    [65, 16],
    [257, 64],
    [130, 1],
  ])("copies %i vec4f by %i invocations, no more", async (quads, invocations) => {
    const originals = normals(260 * 4, 1);
    const expected = dirtyFloats(260 * 4);
    expected.set(originals.subarray(0, quads * 4));
    for (const workgroup of [bandwidthCeiling.workgroup, [4, 1]] as const) {
      const kernel = withWorkgroup(bandwidthCeiling, workgroup);
      const buffers = { originals, copies: dirtyFloats(260 * 4) };
      const { device, twin } = await runSides([call(kernel, { quads, invocations })], buffers);
      expectSameBits(device.copies, expected, "device and definition");
      expectSameBits(twin.copies, expected, "twin and definition");
    }
  });

  it("counts what is read and what is written", () => {
    expect(bandwidthCeilingBytes({ quads: 10 })).toBe(10 * 16 + 10 * 16);
  });
});
