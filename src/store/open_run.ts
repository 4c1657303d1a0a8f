import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { goneOnWith } from "./go_on.ts";
import type { Program } from "./program.ts";
import { readText } from "./run_damage.ts";
import { RunFolder } from "./run_folder.ts";
import { experimentFolder, isDeterministic, runFileNames, runPath } from "./run_path.ts";
import { formatRunRecord, type JsonObject, parseRunRecord, type RunRecord, runFormat } from "./run_record.ts";
import { canonicalJson } from "./spec_hash.ts";

/** The record of a new run. */
export type NewRun = Pick<
  RunRecord,
  "name" | "specHash" | "seed" | "executor" | "spec" | "inputNames" | "baselines" | "notices"
> & {
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
  readonly program: Program;
};

const pathOf = (root: string, run: NewRun) => runPath(`${root}/${experimentFolder(run)}`, run.seed);

/** How an existing run may be gone on with. */
export interface OpenOptions {
  /** Whether this program may go on with levels of one that trains otherwise; default false. */
  readonly allowOtherVersion?: boolean | undefined;
}

/**
 * Opens an existing run folder to resume the run; writes nothing.
 * @param root folder of all runs, such as `runs`
 * @param run its name, resolved spec with hash, seed, executor, tasks, coverage and program
 * @returns undefined if the folder does not exist
 * @throws InputError when the folder contains the run of another spec, a run begun on another executor or by a program
 *   that trains otherwise, or run files without a `run.json`
 */
export async function findRunFolder(
  files: Files,
  root: string,
  run: NewRun,
  { allowOtherVersion = false }: OpenOptions = {},
): Promise<RunFolder | undefined> {
  const path = pathOf(root, run);
  if (await files.exists(`${path}/${runFileNames.record}`)) {
    const { record } = await readRunFolder(files, path);
    checkSameRun(record, run, path);
    // Adds the fields that an older version did not write; they are written when the run is resumed. The coverage stays
    // as it is: the levels that are stored were decided by it.
    const { tasks, coverage: standard, inputNames, baselines, notices, program } = run;
    const coverage = record.coverage ?? standard;
    const opened = { program, mayMix: allowOtherVersion };
    const whole = {
      ...{ inputNames, baselines, notices },
      ...record,
      // The format of a run without checksums stays until its files are checked.
      format: Math.max(record.format, 2),
      ...{ tasks, coverage },
    };
    // An ended run is only read, unless it is damaged.
    const isGoneOnWith = record.format >= 3 && !record.outcome;
    return new RunFolder(files, path, isGoneOnWith ? goneOnWith(whole, opened, path) : whole, opened);
  }
  const entries = (await files.exists(path)) ? await files.list(path) : [];
  const stray = entries.find(isDeterministic);
  if (stray !== undefined) {
    // Another process may have begun the run between the two looks.
    if (await files.exists(`${path}/${runFileNames.record}`))
      return findRunFolder(files, root, run, { allowOtherVersion });
    throw new InputError(
      `${path}: holds ${stray} but no run.json that says which run it belongs to; remove the folder`,
    );
  }
  return undefined;
}

/**
 * Creates a run folder, or opens an existing one to resume the run.
 * @throws InputError as {@link findRunFolder}, and when the folder is not writable
 */
export async function openRunFolder(
  files: Files,
  root: string,
  run: NewRun,
  options: OpenOptions = {},
): Promise<RunFolder> {
  const path = pathOf(root, run);
  const { program } = run;
  const folder =
    (await findRunFolder(files, root, run, options)) ??
    new RunFolder(
      files,
      path,
      { ...run, format: runFormat, finished: 0, checksums: {}, lines: {} },
      { program, mayMix: false },
    );
  // Rewriting the record checks before training that the folder is writable; a finished run needs no write access.
  if (!folder.record.outcome) {
    await files.makeFolder(path);
    await files.write(`${path}/${runFileNames.record}`, await formatRunRecord(folder.record));
  }
  return folder;
}

/**
 * Opens a finished or stopped run for reading.
 * @throws InputError when there is no run or its `run.json` is invalid
 */
export async function readRunFolder(files: Files, path: string): Promise<RunFolder> {
  const file = `${path}/${runFileNames.record}`;
  const text = await readText(files, file);
  if (text === undefined) {
    throw new InputError(`${path}: it holds no run.json; give a run folder such as runs/<name>-<hash>/seed-0`);
  }
  return new RunFolder(files, path, await parseRunRecord(text, file));
}

function checkSameRun(there: RunRecord, here: NewRun, path: string): void {
  const flat = ({ name, seed, specHash, spec }: RunRecord | NewRun): JsonObject => ({
    name,
    seed,
    specHash,
    ...Object.fromEntries(Object.entries(spec).map(([key, value]) => [`spec.${key}`, value])),
  });
  const flatThere = flat(there);
  const flatHere = flat(here);
  const text = (value: unknown) => (value === undefined ? "nothing" : canonicalJson(value));
  const key = [...Object.keys(flatHere), ...Object.keys(flatThere)].find(
    (candidate) => text(flatThere[candidate]) !== text(flatHere[candidate]),
  );
  if (key !== undefined) {
    throw new InputError(
      `${path}: holds another spec's run (${key} is ${text(flatThere[key])} there, ${text(flatHere[key])} here); choose another --out folder or remove it`,
    );
  }
  // Adapters round differently, so a run cannot be resumed on another adapter; a finished run is only read.
  if (!there.outcome && there.executor !== here.executor) {
    throw new InputError(
      `${path}: holds a run begun on ${there.executor}, this is ${here.executor}; choose that --device and --engine, another --out folder, or remove it`,
    );
  }
}
