import text from "../../shaders/arithmetic_ceiling.wgsl";
import { defineKernel } from "./kernel.ts";

/** Multiply-adds in registers: what an adapter can compute. A benchmark's, no part of training. */
export const arithmeticCeiling = defineKernel({
  name: "arithmetic_ceiling",
  sources: [{ file: "arithmetic_ceiling.wgsl", text }],
  uniform: ["invocations", "rounds"],
  buffers: { factors: "f32", results: "f32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.invocations, 1],
});

/** Floating-point operations of a call: 4 turns of 4 chains of 4 numbers a round, and a fused multiply-add counts as two. */
export function arithmeticCeilingFlops(u: { readonly invocations: number; readonly rounds: number }): number {
  return u.invocations * u.rounds * 4 * 4 * 4 * 2;
}
