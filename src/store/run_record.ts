import * as z from "zod";
import { InputError } from "../base/errors.ts";
import { JsonError, parseJsonText } from "../base/json.ts";
import { firstIssue } from "../base/schema_issue.ts";
import { sha256 } from "../base/sha256.ts";
import { mostLayers, mostWeights, mostWidth, weightCount } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { mostLevels } from "../network/trajectory.ts";
import { type FieldType, fieldType } from "./field_type.ts";
import { type FormerProgram, formerProgramSchema, type Program, programSchema } from "./program.ts";
import { isDeterministic } from "./run_path.ts";
import { canonicalJson } from "./spec_hash.ts";
import { coverageSchema, tasksSchema } from "./task_record.ts";

/** Any JSON object; the store does not interpret specs and outcomes. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The format of run folders that this version writes; it reads older formats too.
 * 1: `run.json` has no format, tasks or coverage. 2: it has them; it has checksums only after the end of the run.
 * 3: it is rewritten after every level, with program, number of finished levels and checksums as of then, and has a
 * checksum of its own, `sha256`.
 */
export const runFormat = 3;

/** A failure of the machine during a level, which was then trained again or from its last checkpoint on. */
export interface Restart {
  readonly level: number;
  /** One line: `CPU thread 2 failed: ..`. */
  readonly cause: string;
  /** ISO 8601, in UTC. */
  readonly at: string;
}

/** The content of `run.json`, keys in this order. */
export interface RunRecord {
  /** Format number, from 1; 1 if the file has none. */
  readonly format: number;
  readonly name: string;
  readonly specHash: string;
  readonly seed: number;
  /**
   * Engine and adapter, such as `tiled, SwiftShader driver 5.0.0`; together with the spec they determine every byte.
   */
  readonly executor: string;
  /** The resolved spec, keys sorted. */
  readonly spec: JsonObject;
  /** Tasks of the dataset, in the dataset's order; absent in format 1. */
  readonly tasks?: readonly Task[] | undefined;
  /** The coverage of the analysis; in format 1 absent where only the dataset tells it. */
  readonly coverage?: CoverageKind | undefined;
  /** Name of each input column, where the data name them. */
  readonly inputNames?: readonly string[] | undefined;
  /**
   * By task name: the score that needs no look at the inputs. Absent in runs that older versions began and ended.
   */
  readonly baselines?: Readonly<Record<string, number>> | undefined;
  /** What was said of data and initial weights before training, a sentence each. */
  readonly notices?: readonly string[] | undefined;
  /** The failures of the machine that the run outlived, in order; absent without any. */
  readonly restarts?: readonly Restart[] | undefined;
  /** The program that trains the levels after those of `former`; absent in formats 1 and 2. */
  readonly program?: Program | undefined;
  /** Programs that trained the first levels, where it is not `program` alone. */
  readonly former?: readonly FormerProgram[] | undefined;
  /** Number of finished levels; absent in formats 1 and 2, where the lines of `levels.jsonl` tell it. */
  readonly finished?: number | undefined;
  /** Present while the last thing that was tried is a level whose training diverged. */
  readonly diverged?: { readonly level: number; readonly message: string } | undefined;
  /** Present after the end of the run. */
  readonly outcome?: JsonObject | undefined;
  /**
   * SHA-256 by file name, of every other file that is a function of spec, adapter and program. While the run is
   * unfinished: of the first `finished` lines of `levels.jsonl` and `curves.jsonl`, of the initial weights, and of the
   * masks of the finished levels and of the next one; no entries before the first level is finished. In formats 1 and 2
   * present with `outcome`.
   */
  readonly checksums?: Readonly<Record<string, string>> | undefined;
  /**
   * By file name, of the finished lines of `levels.jsonl` and `curves.jsonl`: the first 16 hexadecimal digits of the
   * SHA-256 of each. They tell which level is damaged where the checksum of a file differs.
   */
  readonly lines?: Readonly<Record<string, readonly string[]>> | undefined;
}

const width = z.int().positive().max(mostWidth);
const shape = z
  .array(width)
  .min(2)
  .max(mostLayers + 1)
  .refine((widths) => weightCount(widths) <= mostWeights, `has more than ${mostWeights} weights`);
/** A number of levels: lists of so many are made, so it is bounded before. */
const levelCount = z
  .int()
  .nonnegative()
  .max(mostLevels + 1);
/** A resolved spec: the keys that are read again, and any others. */
const storedSpec = z.looseObject({
  dataset: z.union([z.string(), z.looseObject({ dataset: z.string().optional() })]).optional(),
  dataSeed: z.int().nonnegative().optional(),
  shape: shape.optional(),
  extension: z.looseObject({ base: shape, level: z.int().nonnegative(), rate: z.number().gt(0).lt(1) }).optional(),
  remaining: z
    .array(z.int().nonnegative())
    .max(mostLevels + 1)
    .optional(),
  activation: z.string().optional(),
  validation: z.union([z.literal("test"), z.number().gt(0).lt(1), z.int().min(1)]).optional(),
  keepCurves: z.boolean().optional(),
});
/** How a run ended: its verdict in a word or two, the number of its levels, and any other fields. */
const outcome = z.looseObject({
  outcome: z.string().regex(/^[a-z-]{1,40}$/, "no outcome of a run"),
  levels: levelCount.optional(),
});

/** A path in place of a name would make a reader open files outside of the folder. */
const sealedFile = z
  .string()
  .refine(isDeterministic, { error: "names no file of a run that has a checksum", abort: true });
const checksums = z.record(sealedFile, z.string());

// Loose, so that fields added by later versions without a new format are kept.
const firstFormat = z.looseObject({
  format: z.int().default(1),
  name: z.string(),
  specHash: z.string(),
  seed: z.int().nonnegative(),
  executor: z.string(),
  spec: storedSpec,
  tasks: tasksSchema.optional(),
  coverage: coverageSchema.optional(),
  inputNames: z.array(z.string()).optional(),
  baselines: z.record(z.string(), z.number().max(1)).optional(),
  notices: z.array(z.string()).optional(),
  restarts: z.array(z.looseObject({ level: z.int().nonnegative(), cause: z.string(), at: z.string() })).optional(),
  outcome: outcome.optional(),
  program: programSchema.optional(),
  former: z.array(formerProgramSchema).optional(),
  finished: levelCount.optional(),
  diverged: z.looseObject({ level: z.int().nonnegative(), message: z.string() }).optional(),
  checksums: checksums.optional(),
  lines: z.record(sealedFile, z.array(z.string())).optional(),
}) satisfies z.ZodType<RunRecord>;
const secondFormat = firstFormat.extend({ tasks: tasksSchema, coverage: coverageSchema });
const thirdFormat = secondFormat.extend({
  program: secondFormat.shape.program.unwrap(),
  finished: secondFormat.shape.finished.unwrap(),
  checksums: secondFormat.shape.checksums.unwrap(),
  lines: secondFormat.shape.lines.unwrap(),
  sha256: z.string(),
});
/** The schema of each format, from format 1. */
const formats = [firstFormat, secondFormat, thirdFormat];

/** What a field of `run.json` holds, as {@link fieldType} tells. */
export function runFieldType(name: string): FieldType | undefined {
  return fieldType(secondFormat, name);
}

const indented = (content: object) => `${JSON.stringify(content, null, 2)}\n`;
/** The end of a text with a checksum of its own. */
const sealedEnd = /,\n {2}"sha256": "([0-9a-f]{64})"\n\}\n$/;

/**
 * The text of `run.json`, indented; it does not depend on the order of the keys. Unknown fields come after those of
 * {@link RunRecord}; the last one, `sha256`, is the checksum of the text without it (from format 3).
 */
export async function formatRunRecord(record: RunRecord): Promise<string> {
  const { format, name, specHash, seed, executor, spec, tasks, coverage, ...more } = record;
  const { inputNames, baselines, notices, program, former, finished, diverged, restarts, ...others } = more;
  const { outcome, checksums, lines, ...unknown } = others;
  const sorted: unknown = JSON.parse(canonicalJson(spec));
  const ordered = {
    ...{ format, name, specHash, seed, executor, spec: sorted, tasks, coverage },
    ...{ inputNames, baselines, notices, program, former, finished, diverged, restarts, outcome, checksums, lines },
    ...unknown,
  };
  const text = indented(ordered);
  return format < 3 ? text : indented({ ...ordered, sha256: await sha256(text) });
}

/**
 * Reads the text of `run.json`.
 * @param path path of the file, for error messages
 * @throws InputError that names the invalid field and the reason, or says that the file is damaged or that a newer
 * version wrote it
 */
export async function parseRunRecord(text: string, path: string): Promise<RunRecord> {
  let content: unknown;
  try {
    // Older versions accepted a byte order mark; the checksum of newer ones tells of it.
    content = parseJsonText(text.replace(/^\ufeff/, ""));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`${path}: it is ${error.message}; restore the file or remove the run folder`);
  }
  const format = typeof content === "object" && content !== null && "format" in content ? content.format : 1;
  if (typeof format === "number" && format > runFormat) {
    throw new InputError(
      `${path}: format ${format} was made by a newer version, this one reads up to format ${runFormat}; update split-ticket`,
    );
  }
  // A format that is no number fails by its field.
  const schema = typeof format === "number" ? formats[format - 1] : secondFormat;
  const checked = (schema ?? secondFormat).safeParse(content);
  if (!checked.success) {
    const { field, reason } = firstIssue(checked.error);
    throw new InputError(
      `${path}: ${field === "" ? "run record" : `field ${field}`}: ${reason}; restore the file or remove the run folder`,
    );
  }
  const record: RunRecord & { sha256?: string } = checked.data;
  if (record.format >= 3) {
    delete record.sha256;
    if (!(await isSealed(text))) {
      throw new InputError(
        `${path}: it is not what the run wrote, by its own checksum; restore the file or remove the run folder`,
      );
    }
  }
  return { ...record, coverage: record.coverage ?? formerCoverage(record.spec) };
}

/**
 * Whether a text ends with the checksum of what stands before it. The text is not written anew from its content: lists
 * within lists, indented, would take a hundred times the memory of the file.
 */
async function isSealed(text: string): Promise<boolean> {
  const [end, sum] = sealedEnd.exec(text.slice(-100)) ?? [];
  return end !== undefined && (await sha256(`${text.slice(0, -end.length)}\n}\n`)) === sum;
}

/**
 * The coverage of a run of format 1 where it follows from the spec's content alone: the spec names it, or the run is of
 * own data, whose hash the spec holds and which total coverage decided then.
 */
function formerCoverage({ coverage, datasetSha256 }: JsonObject): CoverageKind | undefined {
  const named = coverageSchema.safeParse(coverage);
  if (named.success) return named.data;
  return datasetSha256 === undefined ? undefined : "total";
}
