import type * as z from "zod";
import { InputError, invariant } from "../base/errors.ts";
import { JsonError, parseJsonText } from "../base/json.ts";
import { firstIssue } from "../base/schema_issue.ts";

/**
 * One line of JSON without its line end, keys in the order of the schema.
 * @param what the value is, for error messages: `level record`
 */
export function formatJsonLine<T>(schema: z.ZodType<T>, value: T, what: string): string {
  const checked = schema.safeParse(value);
  invariant(checked.success, `${what} that cannot be stored: ${checked.error?.message}`);
  return JSON.stringify(checked.data);
}

/**
 * Reads one line of JSON of a run folder.
 * @param what as in {@link formatJsonLine}
 * @param where file and line, for error messages
 * @throws InputError that names the invalid field and the reason
 */
export function parseJsonLine<T>(schema: z.ZodType<T>, line: string, what: string, where: string): T {
  const content = jsonOf(line, where);
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { field, reason } = firstIssue(checked.error);
    throw new InputError(
      `${where}: ${field === "" ? what : `field ${field}`}: ${reason}; restore the file or remove the run folder`,
    );
  }
  return checked.data;
}

function jsonOf(line: string, where: string): unknown {
  try {
    return parseJsonText(line);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`${where}: the line is ${error.message}; restore the file or remove the run folder`);
  }
}
