import type { z } from "zod";
import { InputError, invariant } from "../base/errors.ts";
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
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw new InputError(`${where}: the line is not JSON; restore the file or remove the run folder`);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { field, reason } = firstIssue(checked.error);
    throw new InputError(
      `${where}: ${field === "" ? what : `field ${field}`}: ${reason}; restore the file or remove the run folder`,
    );
  }
  return checked.data;
}
