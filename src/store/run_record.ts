import { z } from "zod";
import { InputError } from "../base/errors.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { canonicalJson } from "./spec_hash.ts";
import { coverageSchema, tasksSchema } from "./task_record.ts";

/** Any JSON object; the store keeps specs and outcomes without knowing what they say. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The newest format of a run folder, which this program writes; older ones are read.
 * 1: `run.json` names no format, tasks or coverage. 2: it does.
 */
export const runFormat = 2;

/** What `run.json` holds, keys in this order. */
export interface RunRecord {
  /** From 1; 1 where the file does not say. */
  readonly format: number;
  readonly name: string;
  readonly specHash: string;
  readonly seed: number;
  /** Who computes the run, such as `tiled, SwiftShader driver 5.0.0`: with the spec it decides every byte. */
  readonly executor: string;
  /** The whole resolved spec, keys sorted. */
  readonly spec: JsonObject;
  /** Tasks of its dataset, in the dataset's order; absent in format 1. */
  readonly tasks?: readonly Task[] | undefined;
  /** The coverage that it was analysed by; absent in format 1. */
  readonly coverage?: CoverageKind | undefined;
  /** Present once the run has ended. */
  readonly outcome?: JsonObject | undefined;
  /** SHA-256 of every other file that is a function of spec and adapter, by file name; present with `outcome`. */
  readonly checksums?: Readonly<Record<string, string>> | undefined;
}

const jsonObject = z.record(z.string(), z.unknown());

// Loose: a field that a later program adds without a new format is kept, not refused.
const firstFormat = z.looseObject({
  format: z.int().default(1),
  name: z.string(),
  specHash: z.string(),
  seed: z.int().nonnegative(),
  executor: z.string(),
  spec: jsonObject,
  tasks: tasksSchema.optional(),
  coverage: coverageSchema.optional(),
  outcome: jsonObject.optional(),
  checksums: z.record(z.string(), z.string()).optional(),
}) satisfies z.ZodType<RunRecord>;
const secondFormat = firstFormat.extend({ tasks: tasksSchema, coverage: coverageSchema });

/** The text of `run.json`: indented, and the same for any order of the keys; fields that are not known come last. */
export function formatRunRecord(record: RunRecord): string {
  const { format, name, specHash, seed, executor, spec, tasks, coverage, outcome, checksums, ...unknown } = record;
  const sorted: unknown = JSON.parse(canonicalJson(spec));
  const ordered = { format, name, specHash, seed, executor, spec: sorted, tasks, coverage, outcome, checksums };
  return `${JSON.stringify({ ...ordered, ...unknown }, null, 2)}\n`;
}

/**
 * Reads the text of `run.json`.
 * @param path names the file in messages
 * @throws InputError that names the field and what is wrong with it, or says that a newer version wrote the file
 */
export function parseRunRecord(text: string, path: string): RunRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InputError(`${path}: it is not JSON; restore the file or remove the run folder`);
  }
  const format = typeof content === "object" && content !== null && "format" in content ? content.format : 1;
  if (typeof format === "number" && format > runFormat) {
    throw new InputError(
      `${path}: format ${format} was made by a newer version, this one reads up to format ${runFormat}; update split-ticket`,
    );
  }
  const checked = (format === 1 ? firstFormat : secondFormat).safeParse(content);
  if (!checked.success) {
    const { path: field, message } = checked.error.issues[0];
    throw new InputError(
      `${path}: ${field.length > 0 ? `field ${field.join(".")}` : "run record"}: ${message}; restore the file or remove the run folder`,
    );
  }
  return checked.data;
}
