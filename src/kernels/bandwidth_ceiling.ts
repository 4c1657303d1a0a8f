import text from "../../shaders/bandwidth_ceiling.wgsl";
import { defineKernel } from "./kernel.ts";

/** A copy from buffer to buffer: what an adapter can move. A benchmark's, no part of training. */
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
