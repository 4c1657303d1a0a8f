import type { StructArray } from "../base/struct_array.ts";
import type { WgslSource } from "../base/wgsl_source.ts";

/** Content of a storage buffer, for a twin: `f32` for scalars and vectors of f32, `u32` likewise, or structs. */
export type ElementKind = "f32" | "u32" | "structs";

/** The typed view of one storage buffer. */
export type View<Kind extends ElementKind> = Kind extends "f32"
  ? Float32Array
  : Kind extends "u32"
    ? Uint32Array
    : StructArray;

/**
 * Host description of one shader: its arguments and the size of its grid. Bindings, struct layouts and access modes
 * come from the WGSL (`reflect.ts`); the names here are checked against the WGSL before the device gets either.
 */
export interface Kernel<
  Uniform extends string = string,
  Buffers extends Readonly<Record<string, ElementKind>> = Readonly<Record<string, ElementKind>>,
> {
  /** Stem shared by shader, binding, twin and test, in snake_case. */
  readonly name: string;
  /** The shared snippets that the shader needs, then the shader. */
  readonly sources: readonly WgslSource[];
  /**
   * Identifies a kernel among those of its name with other code compiled in: the name of an activation or criterion.
   */
  readonly variant?: string;
  /** Members of the uniform, in camelCase; u32 or f32, as the WGSL declares them. */
  readonly uniform: readonly Uniform[];
  /** Storage buffers by their names in the WGSL, in camelCase. */
  readonly buffers: Buffers;
  /** Workgroup size in x and y: the overrides `workgroup_x` and, where the shader has it, `workgroup_y`. */
  readonly workgroup: readonly [x: number, y: number];
  /** Values of the other overrides, by their names in the WGSL. */
  readonly constants: Readonly<Record<string, number>>;
  /** Invocations needed in x and y for a call in workgroups of a given size. The third dimension is the population. */
  readonly invocations: (
    uniform: Readonly<Record<Uniform, number>>,
    workgroup: readonly [x: number, y: number],
  ) => readonly [x: number, y: number];
}

export type UniformOf<K> = K extends Kernel<infer Uniform, infer _> ? Readonly<Record<Uniform, number>> : never;
export type ViewsOf<K> =
  K extends Kernel<infer _, infer Buffers> ? { readonly [Name in keyof Buffers]: View<Buffers[Name]> } : never;

/**
 * The CPU twin of a kernel: the same arguments, plain loops. `population` is the grid's third dimension; `variant` is
 * the kernel's.
 */
export type Twin<K> = (uniform: UniformOf<K>, buffers: ViewsOf<K>, population: number, variant?: string) => void;

/** Declares a kernel and keeps the literal types of its names. */
export function defineKernel<const Uniform extends string, const Buffers extends Readonly<Record<string, ElementKind>>>(
  kernel: Kernel<Uniform, Buffers>,
): Kernel<Uniform, Buffers> {
  return kernel;
}
