import { invariant } from "../base/errors.ts";
import type { Kernel } from "./kernel.ts";
import { reflect } from "./reflect.ts";

/**
 * The members of a call's uniform as the device holds them: unsigned integers as they are, f32 members rounded to f32.
 * @param uniform value of every member: an integer from 0 where the WGSL declares u32, a number within f32 where it declares f32
 * @throws InternalError naming the member that is missing or does not fit
 */
export function uniformValues(kernel: Kernel, uniform: Readonly<Record<string, number>>): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name, { type }] of Object.entries(reflect(kernel).uniform.fields)) {
    const value = uniform[name];
    const held = type === "u32" ? value >>> 0 : Math.fround(value);
    const fits = type === "u32" ? held === value : Number.isFinite(held);
    invariant(fits, `${kernel.name}: uniform ${name} is ${value}, not ${type}`);
    values[name] = held;
  }
  return values;
}
