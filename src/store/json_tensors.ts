import { InputError } from "../base/errors.ts";
import { shown, shownJson } from "../base/visible.ts";
import type { Tensor } from "./dtype.ts";

/**
 * Tensors as nested lists by name, such as Python's `json.dump({name: mask.tolist() for name, mask in masks.items()}, file)` writes:
 * `{"fc1.weight_mask":[[1,0]],"fc2.weight_mask":[[1]]}`; also nested, as Flax has them: `{"params":{"Dense_0":{"kernel":[[1,0]]}}}`.
 * @param name name of the file, for error messages
 * @throws InputError that names the file, the position in it and the value
 */
export function tensorsOfJson(content: Readonly<Record<string, unknown>>, name: string): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  const visit = (fields: Readonly<Record<string, unknown>>, before: string) => {
    for (const [field, value] of Object.entries(fields)) {
      const key = before + field;
      if (isNested(value)) visit(value, `${key}.`);
      else if (tensors.has(key))
        throw new InputError(`${name}: ${shown(key)} is there twice, nested and by its whole name; keep one`);
      else tensors.set(key, tensorOfLists(value, `${name}: ${shown(key)}`));
    }
  };
  visit(content, "");
  return tensors;
}

const isNested = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function tensorOfLists(lists: unknown, where: string): Tensor {
  const shape: number[] = [];
  for (let level = lists; Array.isArray(level); level = level[0]) shape.push(level.length);
  // Collected before any array of the shape is made: the first lists say more than the file may hold.
  const values: (number | boolean)[] = [];
  const indices: number[] = [];
  const refuse = (problem: string) =>
    new InputError(`${where}${indices.map((index) => `[${index}]`).join("")}: ${problem}`);
  const read = (value: unknown): void => {
    const depth = indices.length;
    if (depth < shape.length) {
      if (!Array.isArray(value) || value.length !== shape[depth]) {
        throw refuse(`${shownJson(value)} is not a list of ${shape[depth]} entries, as the first one is`);
      }
      for (let i = 0; i < value.length; i++) {
        indices.push(i);
        read(value[i]);
        indices.pop();
      }
      return;
    }
    if (typeof value !== "number" && typeof value !== "boolean") {
      throw refuse(`${shownJson(value)} is neither a number nor true or false`);
    }
    values.push(value);
  };
  read(lists);
  return values.length > 0 && values.every((value) => typeof value === "boolean")
    ? { dtype: "BOOL", shape, data: Uint8Array.from(values, Number) }
    : { dtype: "F64", shape, data: Float64Array.from(values, Number) };
}
