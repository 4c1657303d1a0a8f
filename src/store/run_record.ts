import { z } from "zod";
import { InputError } from "../base/errors.ts";
import { canonicalJson } from "./spec_hash.ts";

/** Any JSON object; the store keeps specs and outcomes without knowing what they say. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What `run.json` holds, keys in this order. */
export interface RunRecord {
  readonly name: string;
  readonly specHash: string;
  readonly seed: number;
  /** Who computes the run, such as `tiled, SwiftShader driver 5.0.0`: with the spec it decides every byte. */
  readonly executor: string;
  /** The whole resolved spec, keys sorted. */
  readonly spec: JsonObject;
  /** Present once the run has ended. */
  readonly outcome?: JsonObject | undefined;
  /** SHA-256 of every other file that is a function of spec and adapter, by file name; present with `outcome`. */
  readonly checksums?: Readonly<Record<string, string>> | undefined;
}

const jsonObject = z.record(z.string(), z.unknown());

const schema = z.strictObject({
  name: z.string(),
  specHash: z.string(),
  seed: z.int().nonnegative(),
  executor: z.string(),
  spec: jsonObject,
  outcome: jsonObject.optional(),
  checksums: z.record(z.string(), z.string()).optional(),
}) satisfies z.ZodType<RunRecord>;

/** The text of `run.json`: indented, and the same for any order of the spec's keys. */
export function formatRunRecord({ name, specHash, seed, executor, spec, outcome, checksums }: RunRecord): string {
  const sorted: unknown = JSON.parse(canonicalJson(spec));
  return `${JSON.stringify({ name, specHash, seed, executor, spec: sorted, outcome, checksums }, null, 2)}\n`;
}

/**
 * Reads the text of `run.json`.
 * @param path names the file in messages
 * @throws InputError that names the field and what is wrong with it
 */
export function parseRunRecord(text: string, path: string): RunRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InputError(`${path}: it is not JSON; restore the file or remove the run folder`);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { path: field, message } = checked.error.issues[0];
    throw new InputError(
      `${path}: ${field.length > 0 ? `field ${field.join(".")}` : "run record"}: ${message}; restore the file or remove the run folder`,
    );
  }
  return checked.data;
}
