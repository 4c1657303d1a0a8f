import { InputError, reasonOf, StorageError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";
import { joinLines, lineChecksum, splitLines } from "./lines.ts";
import { levelOf, runFileNames } from "./run_path.ts";
import type { RunRecord } from "./run_record.ts";
import { levelTicket } from "./run_tickets.ts";
import { readTicket } from "./ticket_file.ts";

/** A file of a run that is not what the run wrote. */
export interface Damage {
  readonly file: string;
  /** Line of a file of lines, from 1. */
  readonly line?: number;
  /** `is missing`, `is empty`, `is not what the run wrote`. */
  readonly problem: string;
  /**
   * The first level that must be trained again to make the file again; undefined where no training is needed. A mask
   * comes from the level before.
   */
  readonly level: number | undefined;
  /** Why the file cannot be read: whether it is what the run wrote is not known then. */
  readonly unreadable?: InputError | StorageError;
}

/** `levels.jsonl, line 3 is not what the run wrote`. */
export function describeDamage({ file, line, problem }: Damage): string {
  return `${file}${line === undefined ? "" : `, line ${line}`} ${problem}`;
}

/** Of a file that is there and has other bytes. */
export const changed = "is not what the run wrote";

/** Of a file that cannot be read. */
export function unreadableFile(
  path: string,
  file: string,
  level: number | undefined,
  error: InputError | StorageError,
): Damage {
  return {
    file,
    problem: `cannot be read (${reasonOf(error, `cannot read ${path}/${file}`)})`,
    level,
    unreadable: error,
  };
}

/** SHA-256 of no bytes. */
const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * The files of a run that differ from the checksums in its record; each file is read once. Nothing is known of the files
 * of a run that an older version began and did not end.
 * @param path of the run folder
 * @param names of the files to compare; default all
 */
export async function damagesOf(
  files: Files,
  path: string,
  record: RunRecord,
  names?: readonly string[],
): Promise<Damage[]> {
  const damages: Damage[] = [];
  for (const name of Object.keys(record.checksums ?? {})) {
    if (names && !names.includes(name)) continue;
    const damage = await damageOf(files, path, record, name);
    if (damage) damages.push(damage);
  }
  return damages;
}

async function damageOf(files: Files, path: string, record: RunRecord, name: string): Promise<Damage | undefined> {
  const isOfLines = name === runFileNames.levels || name === runFileNames.curves;
  try {
    if (isOfLines) return await lineDamage(record, name, await readText(files, `${path}/${name}`));
    return await fileDamage(files, path, record, name);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof StorageError)) throw error;
    return unreadableFile(path, name, isOfLines ? 0 : firstLevelOf(name, record), error);
  }
}

async function fileDamage(files: Files, path: string, record: RunRecord, name: string): Promise<Damage | undefined> {
  const file = `${path}/${name}`;
  const level = firstLevelOf(name, record);
  if (!(await files.exists(file))) return { file: name, problem: "is missing", level };
  const found = await files.sha256(file);
  if (found === record.checksums?.[name]) return undefined;
  if (found === emptySha256) return { file: name, problem: "is empty", level };
  if (mayHoldTrained(record, name) && (await isTrainedAfter(record, name, await files.read(file)))) return undefined;
  return { file: name, problem: changed, level };
}

/**
 * What is damaged in a file of lines, of which a line of a stopped level is no part.
 * @param text its content; undefined if it is missing
 */
export async function lineDamage(
  { checksums = {}, lines: sums, finished, outcome }: RunRecord,
  name: string,
  text: string | undefined,
): Promise<Damage | undefined> {
  if (text === undefined) return { file: name, problem: "is missing", level: 0 };
  if (text === "") return { file: name, problem: "is empty", level: 0 };
  const lines = splitLines(text);
  const known = joinLines(lines.slice(0, finished));
  // A stopped level may have left one line.
  const isWhole = outcome ? text === known : text.startsWith(known) && lines.length <= (finished ?? lines.length) + 1;
  if (isWhole && (await sha256(known)) === checksums[name]) return undefined;
  const own = sums?.[name];
  for (const [index, sum] of own?.entries() ?? []) {
    if (index >= lines.length) return { file: name, line: index + 1, problem: "is missing", level: index };
    if ((await lineChecksum(lines[index])) !== sum) {
      return { file: name, line: index + 1, problem: changed, level: index };
    }
  }
  // Without checksums of the lines, no line is known to be whole; else all are, and something follows them.
  return { file: name, problem: changed, level: own ? undefined : 0 };
}

/**
 * Whether the bytes of a level's or initial file are those that the run wrote.
 * @param sum the known checksum
 */
export async function isWhole(record: RunRecord, name: string, bytes: Uint8Array, sum: string): Promise<boolean> {
  if ((await sha256(bytes)) === sum) return true;
  return mayHoldTrained(record, name) && (await isTrainedAfter(record, name, bytes));
}

/** Whether a level may have stored its trained weights in its file before it was stopped. */
function mayHoldTrained({ spec, outcome, finished }: RunRecord, name: string): boolean {
  return spec.keepTrained === true && !outcome && levelOf(name) === finished;
}

/**
 * Whether a level's file is as it is written with trained weights, and its mask, written alone, has the checksum in the
 * record.
 */
async function isTrainedAfter({ checksums }: RunRecord, name: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const { mask, parameters } = readTicket(bytes, name);
    const level = levelOf(name) ?? 0;
    if (!parameters || (await sha256(levelTicket(level, mask, parameters))) !== (await sha256(bytes))) return false;
    return (await sha256(levelTicket(level, mask))) === checksums?.[name];
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** Bytes of a text file of a run that are read: V8 has no text of more than 2^29 characters. */
const mostTextBytes = 500_000_000;

/**
 * The text of a file, undefined if it is missing. A byte order mark in it is a change like any other, and so is what
 * follows the first 500 MB.
 */
export async function readText(files: Files, file: string, mostBytes = mostTextBytes): Promise<string | undefined> {
  if (!(await files.exists(file))) return undefined;
  const bytes = await files.read(file);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, mostBytes));
}

/**
 * The first level to train again where a file is damaged. The initial weights come from the seed, and the mask of level
 * 0 keeps all weights.
 */
function firstLevelOf(name: string, { spec, finished = 0, outcome }: RunRecord): number | undefined {
  const level = levelOf(name);
  if (level === undefined) return undefined;
  if (level > 0) return level - 1;
  return spec.keepTrained === true && (finished > 0 || outcome) ? 0 : undefined;
}
