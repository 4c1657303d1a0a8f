import { InputError } from "../base/errors.ts";
import { visible } from "../base/visible.ts";
import { parseSpecValue } from "./spec_text.ts";

/**
 * A list or range of numbers, such as `3..9` or `1,5`.
 * @throws InputError when an entry is no number, or a range is empty or too long
 */
export function readNumbers(option: string, text: string): number[] {
  return (parseSpecValue("seeds", text) as unknown[]).map((value) => {
    if (typeof value === "number") return value;
    const [range, first, last] = /^\s*(\d+)\.\.(\d+)\s*$/.exec(String(value)) ?? [];
    const problem =
      range === undefined
        ? "is no list of numbers"
        : `has a range that ${Number(last) < Number(first) ? "ends before it begins" : "is too long"}`;
    throw new InputError(`${option} "${visible(text)}" ${problem}: give one such as 3..9 or 1,5`);
  });
}

/**
 * One number; its bounds are checked where it is used.
 * @throws InputError when it is none
 */
export function readNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  throw new InputError(`${option} "${visible(text)}" is no number: give one, such as 3`);
}
