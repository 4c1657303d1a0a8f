import * as z from "zod";
import { JsonError, parseJsonText } from "../../base/json.ts";

/** What measured times depend on besides the steps. */
export interface Measured {
  /** Name of the adapter. */
  readonly adapter: string;
  /** Version of this program. */
  readonly version: string;
  /** Model of the processor. */
  readonly cpu: string;
}

/** Times of steps in us, by a text that tells engine, network and dataset. */
export type TimesByStep = Readonly<Record<string, number>>;

const schema = z.strictObject({
  format: z.literal(1),
  adapter: z.string(),
  version: z.string(),
  cpu: z.string(),
  stepUs: z.record(z.string(), z.number().positive()),
});

/** The text of a file of measured times: JSON, indented. */
export function formatTimes({ adapter, version, cpu }: Measured, stepUs: TimesByStep): string {
  const record = { format: 1, adapter, version, cpu, stepUs } satisfies z.infer<typeof schema>;
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Reads measured times; returns none if the text is invalid or from another adapter, version or processor. */
export function parseTimes(text: string, { adapter, version, cpu }: Measured): TimesByStep {
  let content: unknown;
  try {
    content = parseJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {};
  }
  const { success, data } = schema.safeParse(content);
  if (!success || data.adapter !== adapter || data.version !== version || data.cpu !== cpu) return {};
  return data.stepUs;
}
