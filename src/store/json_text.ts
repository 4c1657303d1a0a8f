import { InputError } from "../base/errors.ts";

/**
 * Parses a JSON file.
 * @param name name of the file, for the error message
 * @param example what the file may hold
 */
export function parseJson(text: string, name: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: it is not JSON (${(error as Error).message}); expected ${example}`);
  }
}

/** A value for an error message, cut to a readable length. */
export function shownJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
