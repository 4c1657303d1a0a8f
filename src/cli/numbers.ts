import { InputError } from "../base/errors.ts";
import { parseSpecValue } from "../lottery/spec_text.ts";

/**
 * A list or range of numbers, such as `3..9` or `1,5`.
 * @throws InputError when an entry is no number
 */
export function readNumbers(option: string, text: string): number[] {
  return (parseSpecValue("seeds", text) as unknown[]).map((value) => {
    if (typeof value === "number") return value;
    throw new InputError(`${option} "${text}" is no list of numbers: give one such as 3..9 or 1,5`);
  });
}
