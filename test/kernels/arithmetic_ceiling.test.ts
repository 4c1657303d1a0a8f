import { describe, expect, it } from "vitest";
import { arithmeticCeiling, arithmeticCeilingFlops } from "../../src/kernels/arithmetic_ceiling.ts";
import { call, dirtyFloats, expectSameBits, useSides, withWorkgroup } from "./harness.ts";

const runSides = useSides();

/** Value of one number after some steps, by the closed form. */
function chain(value: number, factor: number, summand: number, turns: number): number {
  return factor === 1
    ? value + turns * summand
    : factor ** turns * (value - summand / (1 - factor)) + summand / (1 - factor);
}

describe("arithmetic_ceiling", () => {
  it.each([
    [0, 1, 1, 1],
    [1, 5, 1, 3],
    [63, 1, 1, 1],
    [64, 2, 2, 1],
    [65, 100, 1, 1],
    [129, 3, -1, 5],
    [200, 0, 1, 1],
  ])(
    "turns the chains of %i invocations %i rounds with factor %i and summand %i",
    async (invocations, rounds, factor, summand) => {
      const buffers = { factors: Float32Array.of(factor, summand), results: dirtyFloats(201 * 4) };
      const expected = dirtyFloats(201 * 4);
      for (let k = 0; k < invocations * 4; k++) {
        const first = (Math.floor(k / 4) % 64) + (k % 4);
        const chains = [0, 4, 8, 12].map((offset) => chain(first + offset, factor, summand, 4 * rounds));
        expected[k] = chains.reduce((sum, value) => sum + value);
      }
      for (const workgroup of [arithmeticCeiling.workgroup, [4, 1]] as const) {
        const kernel = withWorkgroup(arithmeticCeiling, workgroup);
        const { device, twin } = await runSides([call(kernel, { invocations, rounds })], buffers);
        expectSameBits(device.results, expected, "device and closed form");
        expectSameBits(twin.results, expected, "twin and closed form");
      }
    },
  );

  it("counts a fused multiply-add as two operations: those that its twin does", () => {
    let operations = 0;
    const [invocations, rounds] = [3, 5];
    for (let invocation = 0; invocation < invocations; invocation++) {
      for (let turn = 0; turn < 4 * rounds; turn++) {
        for (let vector = 0; vector < 4; vector++) for (let lane = 0; lane < 4; lane++) operations += 2;
      }
    }
    expect(arithmeticCeilingFlops({ invocations, rounds })).toBe(operations);
  });
});
