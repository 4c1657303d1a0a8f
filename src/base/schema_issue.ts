import type * as z from "zod";

/** The first thing that a schema refuses in a value. */
export interface SchemaIssue {
  /** Keys that lead to it, joined by dots: `weights.active`; empty for the value itself. */
  readonly field: string;
  readonly reason: string;
}

/** The first issue of a failed check; of a key that is refused, the reason why. */
export function firstIssue({ issues: [issue] }: z.ZodError): SchemaIssue {
  const inner = issue.code === "invalid_key" ? issue.issues[0] : issue;
  return { field: issue.path.join("."), reason: inner?.message ?? issue.message };
}
