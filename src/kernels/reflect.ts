import { type ArrayInfo, type StructInfo, type TypeInfo, WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";
import { invariant } from "../base/errors.ts";
import type { StructField, StructLayout } from "../base/struct_array.ts";
import type { ElementKind, Kernel } from "./kernel.ts";

/** One storage buffer of a shader. */
export interface StorageBinding {
  readonly name: string;
  readonly binding: number;
  readonly access: "read" | "read_write";
  readonly elementBytes: number;
  readonly kind: ElementKind;
  /** Layout of one element where the buffer holds structs. */
  readonly struct: StructLayout | undefined;
}

/** Layout of a kernel, read from its WGSL. */
export interface KernelLayout {
  readonly code: string;
  readonly uniform: StructLayout;
  readonly uniformBinding: number;
  readonly storage: readonly StorageBinding[];
  readonly overrides: readonly string[];
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function structLayout(info: StructInfo): StructLayout {
  const fields: Record<string, StructField> = {};
  for (const member of info.members) {
    const type = member.type.name;
    invariant(type === "u32" || type === "f32", `member ${member.name} of ${info.name} is ${type}, not u32 or f32`);
    fields[camelCase(member.name)] = { type, offsetBytes: member.offset };
  }
  return { sizeBytes: info.size, fields };
}

const kinds: Readonly<Record<string, ElementKind>> = {
  f32: "f32",
  vec2f: "f32",
  vec4f: "f32",
  u32: "u32",
  vec4u: "u32",
  atomic: "u32",
};

const layouts = new WeakMap<Kernel, KernelLayout>();

/**
 * Bindings and struct layouts of a kernel, read from its WGSL once per kernel.
 * @throws InternalError where the names that the binding declares and those in the WGSL differ
 */
export function reflect(kernel: Kernel): KernelLayout {
  const known = layouts.get(kernel);
  if (known) return known;
  const code = kernel.sources.map((source) => source.text).join("\n");
  const wgsl = new WgslReflect(code);
  const entry = wgsl.entry.compute.find((candidate) => candidate.name === "main");
  invariant(entry, `${kernel.name}: no compute entry point named main`);

  let uniform: { layout: StructLayout; binding: number } | undefined;
  const storage: StorageBinding[] = [];
  for (const resource of entry.resources) {
    const name = camelCase(resource.name);
    if (name === "u") {
      uniform = { layout: structLayout(resource.type as StructInfo), binding: resource.binding };
      continue;
    }
    const element: TypeInfo = (resource.type as ArrayInfo).format;
    const isStruct = element.isStruct;
    const kind = isStruct ? "structs" : kinds[element.name];
    invariant(kind, `${kernel.name}: buffer ${name} holds ${element.name}, which has no typed view`);
    storage.push({
      name,
      binding: resource.binding,
      access: resource.access === "read_write" ? "read_write" : "read",
      elementBytes: (resource.type as ArrayInfo).stride,
      kind,
      struct: isStruct ? structLayout(element as StructInfo) : undefined,
    });
  }
  invariant(uniform, `${kernel.name}: no uniform named u`);
  storage.sort((a, b) => a.binding - b.binding);

  sameNames(kernel, "uniform", kernel.uniform, Object.keys(uniform.layout.fields));
  const declared = Object.entries(kernel.buffers).map(([name, kind]) => `${name}: ${kind}`);
  const written = storage.map((binding) => `${binding.name}: ${binding.kind}`);
  sameNames(kernel, "buffers", declared, written);
  const overrides = wgsl.overrides.map((override) => override.name);
  const extra = overrides.filter((name) => !name.startsWith("workgroup_"));
  sameNames(kernel, "constants", Object.keys(kernel.constants), extra);

  const layout = { code, uniform: uniform.layout, uniformBinding: uniform.binding, storage, overrides };
  layouts.set(kernel, layout);
  return layout;
}

/**
 * The struct that a kernel's buffer holds.
 * @throws InternalError when it holds none
 */
export function structOf(kernel: Kernel, buffer: string): StructLayout {
  const layout = reflect(kernel).storage.find(({ name }) => name === buffer)?.struct;
  invariant(layout, `${kernel.name} has no struct buffer ${buffer}`);
  return layout;
}

function sameNames(kernel: Kernel, what: string, declared: readonly string[], written: readonly string[]): void {
  const [a, b] = [[...declared].sort().join(", "), [...written].sort().join(", ")];
  invariant(a === b, `${kernel.name}: ${what} declared as (${a}), in the WGSL (${b})`);
}

/** Values for all overrides of a kernel: its workgroup size and its constants. */
export function overrideValues(kernel: Kernel): Record<string, number> {
  const sizes: Record<string, number> = { workgroup_x: kernel.workgroup[0], workgroup_y: kernel.workgroup[1] };
  return Object.fromEntries(reflect(kernel).overrides.map((name) => [name, sizes[name] ?? kernel.constants[name]]));
}

/** Workgroups of a call in three dimensions. */
export function workgroups(
  kernel: Kernel,
  uniform: Readonly<Record<string, number>>,
  population: number,
): [number, number, number] {
  const [x, y] = kernel.invocations(uniform, kernel.workgroup);
  return [Math.ceil(x / kernel.workgroup[0]), Math.ceil(y / kernel.workgroup[1]), population];
}
