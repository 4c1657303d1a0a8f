import text from "../../shaders/arithmetic_ceiling.wgsl";
import { defineKernel } from "./kernel.ts";

/** Measures arithmetic throughput: multiply-adds in registers. Used by the benchmark, not by training. */
export const arithmeticCeiling = defineKernel({
  name: "arithmetic_ceiling",
  sources: [{ file: "arithmetic_ceiling.wgsl", text }],
  uniform: ["invocations", "rounds"],
  buffers: { factors: "f32", results: "f32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.invocations, 1],
});

/** Floating-point operations of a call: 4 steps of 4 chains of 4 numbers per round, 2 for each fused multiply-add. */
export function arithmeticCeilingFlops(u: { readonly invocations: number; readonly rounds: number }): number {
  return u.invocations * u.rounds * 4 * 4 * 4 * 2;
}
