import text from "../../shaders/bandwidth_ceiling.wgsl";
import { defineKernel } from "./kernel.ts";

/** Measures memory bandwidth: a copy from buffer to buffer. Used by the benchmark, not by training. */
export const bandwidthCeiling = defineKernel({
  name: "bandwidth_ceiling",
  sources: [{ file: "bandwidth_ceiling.wgsl", text }],
  uniform: ["quads", "invocations"],
  buffers: { originals: "f32", copies: "f32" },
  workgroup: [64, 1],
  constants: {},
  invocations: (u) => [u.invocations, 1],
});

/** Bytes that a call moves: each vec4f is read once and written once. */
export function bandwidthCeilingBytes(u: { readonly quads: number }): number {
  return u.quads * 16 * 2;
}
