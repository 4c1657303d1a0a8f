import { InputError, invariant, StorageError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { type CheckpointOwner, readCheckpoint, type StoredCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { formatLevelCurves, type LevelCurvesRecord, parseLevelCurves } from "./level_curves.ts";
import { formatLevelRecord, type LevelRecord, parseLevelRecord } from "./level_record.ts";
import { experimentFolder, isDeterministic, levelFile, runFileNames, runPath } from "./run_path.ts";
import {
  formatRunRecord,
  type JsonObject,
  parseRunRecord,
  type Restart,
  type RunRecord,
  runFormat,
} from "./run_record.ts";
import { canonicalJson } from "./spec_hash.ts";
import { readTicket, type Ticket, writeTicket } from "./ticket_file.ts";

/**
 * One run on disk: `<root>/<name>-<spec hash>/seed-<n>/`.
 *
 * A stopped run can be resumed. The mask of level i is written before the level is trained. Line i of `levels.jsonl` is
 * written after the mask of level i + 1, or at the end of the run. So the next level to train is
 * `finishedLevels().length`, with the mask that `readLevelMask` returns for it. Line i of `curves.jsonl`, if the run keeps
 * curves, is written before line i of `levels.jsonl`.
 *
 * The bytes of every file except `timings.jsonl` are a function of spec and adapter. Only one process at a time may
 * write.
 */
export class RunFolder {
  readonly #files: Files;
  #record: RunRecord;

  /** Use {@link openRunFolder} to write a run and {@link readRunFolder} to read one. */
  constructor(
    files: Files,
    /** Path of the folder. */
    readonly path: string,
    record: RunRecord,
  ) {
    this.#files = files;
    this.#record = record;
  }

  /** The content of `run.json`; it has an `outcome` after the end of the run. */
  get record(): RunRecord {
    return this.#record;
  }

  /**
   * The records of the finished levels, level 0 first.
   * @throws InputError when `levels.jsonl` is damaged
   */
  async finishedLevels(): Promise<LevelRecord[]> {
    const lines = await this.#readLines(runFileNames.levels);
    let tasks: string | undefined;
    return lines.map((line, index) => {
      const where = `${this.path}/${runFileNames.levels}, line ${index + 1}`;
      const record = parseLevelRecord(line, where);
      if (record.level !== index) {
        throw new InputError(
          `${where}: level ${record.level} stands where level ${index} belongs; restore the file or remove the run folder`,
        );
      }
      const scored = Object.keys(record.valAccuracy).sort().join(", ");
      tasks ??= scored;
      if (scored !== tasks) {
        throw new InputError(
          `${where}: field valAccuracy has the tasks ${visible(scored) || "none"}, level 0 has ${visible(tasks) || "none"}; restore the file or remove the run folder`,
        );
      }
      return record;
    });
  }

  /** Stores the initial parameters. */
  async writeInit(parameters: Parameters): Promise<void> {
    await this.#write(runFileNames.init, writeTicket({ parameters, metadata: {} }));
  }

  /** The stored initial parameters; undefined if they are not written yet. */
  async readInit(): Promise<Parameters | undefined> {
    return (await this.#readTicket(runFileNames.init))?.parameters;
  }

  /**
   * Stores the mask of a level before it is trained; a second call with the trained parameters stores both.
   * @param level from 0
   */
  async writeLevelMask(level: number, mask: Mask, trained?: Parameters): Promise<void> {
    await this.#write(levelFile(level), writeTicket({ mask, parameters: trained, metadata: { level: String(level) } }));
  }

  /** The stored mask of a level; undefined if it is not written yet. */
  async readLevelMask(level: number): Promise<Mask | undefined> {
    return (await this.#readTicket(levelFile(level)))?.mask;
  }

  /**
   * Stores the curves of a level, before the level is marked as finished. Those of a run that was stopped between the two
   * are replaced.
   */
  async writeCurves(curves: LevelCurvesRecord): Promise<void> {
    const lines = (await this.#readLines(runFileNames.curves)).slice(0, curves.level);
    invariant(curves.level === lines.length, `curves of level ${curves.level} after those of ${lines.length} levels`);
    await this.#writeLines(runFileNames.curves, [...lines, formatLevelCurves(curves)]);
  }

  /**
   * The curves of the finished levels, level 0 first; empty if the run keeps none.
   * @throws InputError when `curves.jsonl` is damaged
   */
  async readCurves(): Promise<LevelCurvesRecord[]> {
    const finished = (await this.#readLines(runFileNames.levels)).length;
    const lines = (await this.#readLines(runFileNames.curves)).slice(0, finished);
    return lines.map((line, level) =>
      parseLevelCurves(line, level, `${this.path}/${runFileNames.curves}, line ${level + 1}`),
    );
  }

  /**
   * Marks a level as finished.
   * @param last true for the run's last level; for other levels the mask of the next level must be on disk
   */
  async appendLevel(record: LevelRecord, last = false): Promise<void> {
    const lines = await this.#readLines(runFileNames.levels);
    invariant(record.level === lines.length, `level ${record.level} appended after ${lines.length} levels`);
    invariant(
      last || (await this.#files.exists(`${this.path}/${levelFile(record.level + 1)}`)),
      `level ${record.level} appended before the mask of level ${record.level + 1} was written`,
    );
    await this.#writeLines(runFileNames.levels, [...lines, formatLevelRecord(record)]);
  }

  /** Stores values that may differ between two runs of the same spec: times, machine, adapter, versions. */
  async appendTiming(timing: JsonObject): Promise<void> {
    await this.#writeLines(runFileNames.timings, [
      ...(await this.#readLines(runFileNames.timings)),
      JSON.stringify(timing),
    ]);
  }

  /**
   * The values stored by {@link appendTiming}, in order.
   * @throws InputError when `timings.jsonl` is damaged
   */
  async readTimings(): Promise<JsonObject[]> {
    return (await this.#readLines(runFileNames.timings)).map((line, index) => {
      try {
        return JSON.parse(line);
      } catch {
        throw new InputError(
          `${this.path}/${runFileNames.timings}, line ${index + 1}: it is not JSON; remove the line`,
        );
      }
    });
  }

  /** Path of the checkpoint of the level in training. No checksum covers the file, and a run that has ended has none. */
  get checkpointPath(): string {
    return `${this.path}/${runFileNames.checkpoint}`;
  }

  /** Stores the state of the level in training; a kill during the write leaves the checkpoint before. */
  async writeCheckpoint(owner: CheckpointOwner, checkpoint: StoredCheckpoint): Promise<void> {
    await this.#files.write(this.checkpointPath, await writeCheckpoint(owner, this.#program, checkpoint));
  }

  /**
   * The checkpoint of a level; undefined if there is none of it or of a later one.
   * @returns why there is none for this level, if the file is of no use; the rest of a sentence about the file
   */
  async readCheckpoint(owner: CheckpointOwner): Promise<StoredCheckpoint | string | undefined> {
    try {
      if (!(await this.#files.exists(this.checkpointPath))) return undefined;
      return await readCheckpoint(await this.#files.read(this.checkpointPath), owner, this.#program);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      return `cannot be read (${error.message})`;
    }
  }

  async removeCheckpoint(): Promise<void> {
    if (await this.#files.exists(this.checkpointPath)) await this.#files.remove(this.checkpointPath);
  }

  /** What computes. */
  get #program(): string {
    return this.#record.executor;
  }

  /** Stores in `run.json` a failure of the machine that the run outlived. */
  async noteRestart(restart: Restart): Promise<void> {
    this.#record = { ...this.#record, restarts: [...(this.#record.restarts ?? []), restart] };
    await this.#write(runFileNames.record, formatRunRecord(this.#record));
  }

  /**
   * Ends the run: stores its outcome in `run.json`, with the SHA-256 of every other file that is a function of spec and
   * adapter.
   */
  async writeOutcome(outcome: JsonObject): Promise<void> {
    const checksums: Record<string, string> = {};
    for (const name of await this.#files.list(this.path)) {
      if (isDeterministic(name)) checksums[name] = await this.#files.sha256(`${this.path}/${name}`);
    }
    this.#record = { ...this.#record, outcome, checksums };
    await this.#write(runFileNames.record, formatRunRecord(this.#record));
  }

  /** @throws StorageError also where the folder has become unwritable since it was opened: the command was right */
  async #write(name: string, content: Uint8Array | string): Promise<void> {
    try {
      await this.#files.write(`${this.path}/${name}`, content);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      if (!(await this.#files.exists(this.path))) {
        throw new StorageError(
          `${this.path}: the run folder has vanished while the run was in training; put it back to go on after its last finished level, or run again to begin anew`,
        );
      }
      throw new StorageError(`${error.message}; the same command continues after the last finished level`);
    }
  }

  async #readTicket(name: string): Promise<Ticket | undefined> {
    const path = `${this.path}/${name}`;
    return (await this.#files.exists(path)) ? readTicket(await this.#files.read(path), path) : undefined;
  }

  async #readLines(name: string): Promise<string[]> {
    const path = `${this.path}/${name}`;
    if (!(await this.#files.exists(path))) return [];
    const text = new TextDecoder().decode(await this.#files.read(path));
    return text.split("\n").filter((line) => line !== "");
  }

  async #writeLines(name: string, lines: readonly string[]): Promise<void> {
    await this.#write(name, lines.map((line) => `${line}\n`).join(""));
  }
}

/** The record of a new run. */
export type NewRun = Omit<RunRecord, "format" | "tasks" | "coverage" | "outcome" | "checksums"> & {
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
};

const pathOf = (root: string, run: NewRun) => runPath(`${root}/${experimentFolder(run)}`, run.seed);

/**
 * Opens an existing run folder to resume the run; writes nothing.
 * @param root folder of all runs, such as `runs`
 * @param run its name, resolved spec with hash, seed, executor, tasks and coverage
 * @returns undefined if the folder does not exist
 * @throws InputError when the folder contains the run of another spec, a run begun on another executor, or run files
 *   without a `run.json`
 */
export async function findRunFolder(files: Files, root: string, run: NewRun): Promise<RunFolder | undefined> {
  const path = pathOf(root, run);
  if (await files.exists(`${path}/${runFileNames.record}`)) {
    const { record } = await readRunFolder(files, path);
    checkSameRun(record, run, path);
    // Adds the fields that an older version did not write; they are written when the run is resumed. The coverage stays
    // as it is: the levels that are stored were decided by it.
    const { tasks, coverage: standard, inputNames, baselines, notices } = run;
    const coverage = record.coverage ?? standard;
    return new RunFolder(files, path, {
      inputNames,
      baselines,
      notices,
      ...record,
      format: runFormat,
      tasks,
      coverage,
    });
  }
  const entries = (await files.exists(path)) ? await files.list(path) : [];
  const stray = entries.find(isDeterministic);
  if (stray !== undefined) {
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
export async function openRunFolder(files: Files, root: string, run: NewRun): Promise<RunFolder> {
  const path = pathOf(root, run);
  const folder = (await findRunFolder(files, root, run)) ?? new RunFolder(files, path, { ...run, format: runFormat });
  // Rewriting the record checks before training that the folder is writable; a finished run needs no write access.
  if (!folder.record.outcome) {
    await files.makeFolder(path);
    await files.write(`${path}/${runFileNames.record}`, formatRunRecord(folder.record));
  }
  return folder;
}

/**
 * Opens a finished or stopped run for reading.
 * @throws InputError when there is no run or its `run.json` is invalid
 */
export async function readRunFolder(files: Files, path: string): Promise<RunFolder> {
  if (!(await files.exists(`${path}/${runFileNames.record}`))) {
    throw new InputError(`${path}: it holds no run.json; give a run folder such as runs/<name>-<hash>/seed-0`);
  }
  const text = new TextDecoder().decode(await files.read(`${path}/${runFileNames.record}`));
  return new RunFolder(files, path, parseRunRecord(text, `${path}/${runFileNames.record}`));
}

function checkSameRun(there: RunRecord, here: NewRun, path: string): void {
  const flat = ({ name, seed, spec }: RunRecord | NewRun): JsonObject => ({
    name,
    seed,
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
