import { z } from "zod";
import { parseJsonLine } from "./json_line.ts";

/** Times, machine and versions of a finished level: one line of `timings.jsonl`. They differ between two runs of a spec. */
const schema = z.looseObject({
  level: z.int().nonnegative().optional(),
  elapsedMs: z.number().nonnegative().optional(),
  engine: z.string().optional(),
  executor: z.string().optional(),
  adapterKind: z.string().optional(),
  cpu: z.string().optional(),
  node: z.string().optional(),
  finishedAt: z.string().optional(),
});

export type TimingRecord = z.infer<typeof schema>;

/**
 * Reads one line of `timings.jsonl`.
 * @param where file and line, for error messages
 * @throws InputError that names the invalid field and the reason
 */
export function parseTiming(line: string, where: string): TimingRecord {
  return parseJsonLine(schema, line, "timing", where);
}
