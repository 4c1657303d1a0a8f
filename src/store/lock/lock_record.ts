import * as z from "zod";
import { JsonError, parseJsonText } from "../../base/json.ts";
import { visible } from "../../base/visible.ts";

/** A process, so far as others can tell whether it is still there. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, in the form of its system: tells it from a later process of the same number. */
  readonly start?: string | undefined;
  /** Of the system's start, where the system has such a number: tells machines of one name apart. */
  readonly boot?: string | undefined;
  /** Of the process numbers, where the system has several (containers). */
  readonly namespace?: string | undefined;
}

/** The content of a lock file, keys in this order. */
export interface LockRecord extends ProcessIdentity {
  /** Random; no two locks have the same. */
  readonly token: string;
  /** A counter that the holder raises, in {@link heartbeatDigits} digits, so that the file keeps its size. */
  readonly heartbeat: string;
}

/** Most bytes of a lock file that are read; a real one has about 300. */
export const mostLockBytes = 4096;

const heartbeatDigits = 12;

const word = z.string().max(255);
// Loose, so that fields added by later versions are accepted.
const schema = z.looseObject({
  host: word,
  pid: z
    .int()
    .positive()
    .max(2 ** 31 - 1),
  start: word.optional(),
  boot: word.optional(),
  namespace: word.optional(),
  token: word.min(1),
  heartbeat: word,
}) satisfies z.ZodType<LockRecord>;

/** The text of a lock file: one line of JSON. @param beats how often the holder has raised the counter */
export function formatLock(holder: ProcessIdentity, token: string, beats: number): string {
  const { host, pid, start, boot, namespace } = holder;
  const heartbeat = String(beats).padStart(heartbeatDigits, "0");
  return `${JSON.stringify({ host, pid, start, boot, namespace, token, heartbeat })}\n`;
}

/** Reads the text of a lock file; undefined if it is none, such as one that was cut off. */
export function parseLock(text: string): LockRecord | undefined {
  try {
    return schema.safeParse(parseJsonText(text)).data;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** `pid 4711 on node-3`; undefined: a lock file that cannot be read. */
export function describeHolder(holder: Pick<ProcessIdentity, "host" | "pid"> | undefined): string {
  return holder ? `pid ${holder.pid} on ${visible(holder.host)}` : "an unreadable lock file";
}
