import { InputError } from "../base/errors.ts";
import { JsonError, parseJsonBytes, parseJsonText } from "../base/json.ts";

/**
 * Parses a JSON file.
 * @param content the whole file, as bytes or as text
 * @param name name of the file, for the error message
 * @param remedy what to do where it is not JSON that is read
 * @throws InputError as {@link parseJsonBytes}
 */
export function parseJson(content: Uint8Array | string, name: string, remedy: string): unknown {
  try {
    return typeof content === "string" ? parseJsonText(content) : parseJsonBytes(content);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`${name}: it is ${error.message}; ${remedy}`);
  }
}
