import { describe, expect, it } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { uniformValues } from "../../src/kernels/uniform_values.ts";
import { call, runOn, useDeviceExecutor } from "./harness.ts";

const text = `
struct Uniforms { count: u32, factor: f32, summand: f32 }
@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> results: array<f32>;
override workgroup_x: u32;
@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < u.count) { results[id.x] = select(u.summand, u.factor, id.x == 0u); }
}`;
const kernel = {
  name: "made_up",
  sources: [{ file: "made_up.wgsl", text }],
  uniform: ["count", "factor", "summand"],
  buffers: { results: "f32" },
  workgroup: [4, 1],
  constants: {},
  invocations: (u) => [u.count, 1],
} as const satisfies Kernel;
const uniform = { count: 2, factor: 0.1, summand: -3e-40 };

describe("the members of a uniform", () => {
  const device = useDeviceExecutor();

  it("are what the WGSL declares them: integers as they are, floats rounded to f32", () => {
    expect(uniformValues(kernel, uniform)).toEqual({
      count: 2,
      factor: Math.fround(0.1),
      summand: Math.fround(-3e-40),
    });
    expect(uniformValues(kernel, { ...uniform, count: 0xffffffff }).count).toBe(0xffffffff);
  });

  it("reach the shader as the twins see them", async () => {
    const { results } = await runOn(device(), [call<Kernel>(kernel, { ...uniform, summand: -2.7 })], {
      results: new Float32Array(3),
    });
    expect(Array.from(results)).toEqual([Math.fround(0.1), Math.fround(-2.7), 0]);
  });

  it.each([
    ["count", 1.5, "u32"],
    ["count", -1, "u32"],
    ["count", 2 ** 32, "u32"],
    ["count", Number.NaN, "u32"],
    ["factor", Number.NaN, "f32"],
    ["factor", Number.POSITIVE_INFINITY, "f32"],
    ["summand", 1e39, "f32"],
  ])("are refused where %s is %s, not %s", (name, value, type) => {
    const message = `made_up: uniform ${name} is ${value}, not ${type}`;
    expect(() => uniformValues(kernel, { ...uniform, [name]: value })).toThrow(new InternalError(message));
  });

  it("are all needed", () => {
    const { factor: _, ...rest } = uniform;
    expect(() => uniformValues(kernel, rest)).toThrow("made_up: uniform factor is undefined, not f32");
  });
});
