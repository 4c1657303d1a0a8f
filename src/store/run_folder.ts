import { InputError, invariant } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { formatLevelRecord, type LevelRecord, parseLevelRecord } from "./level_record.ts";
import { experimentFolder, isDeterministic, levelFile, runFileNames, runPath } from "./run_path.ts";
import { formatRunRecord, type JsonObject, parseRunRecord, type RunRecord, runFormat } from "./run_record.ts";
import { canonicalJson } from "./spec_hash.ts";
import { readTicket, type Ticket, writeTicket } from "./ticket_file.ts";

/**
 * One run on disk: `<root>/<name>-<spec hash>/seed-<n>/`.
 *
 * A stopped run goes on where it was. Level i's mask is written when it is made, before the level is trained; line i of
 * `levels.jsonl` is written only when the mask of level i + 1 is on disk or the run has ended. So the level to train next is
 * `finishedLevels().length`, under the mask `readLevelMask` gives for it.
 *
 * Every file but `timings.jsonl` is a function of spec and adapter, byte for byte. One process at a time may write.
 */
export class RunFolder {
  readonly #files: Files;
  #record: RunRecord;

  /** Use {@link openRunFolder} to write a run and {@link readRunFolder} to look at one. */
  constructor(
    files: Files,
    /** Path of the folder. */
    readonly path: string,
    record: RunRecord,
  ) {
    this.#files = files;
    this.#record = record;
  }

  /** What `run.json` says; its `outcome` is there once the run has ended. */
  get record(): RunRecord {
    return this.#record;
  }

  /**
   * The records of the levels that are done, level 0 first.
   * @throws InputError when `levels.jsonl` is damaged
   */
  async finishedLevels(): Promise<LevelRecord[]> {
    const lines = await this.#readLines(runFileNames.levels);
    return lines.map((line, index) => {
      const where = `${this.path}/${runFileNames.levels}, line ${index + 1}`;
      const record = parseLevelRecord(line, where);
      if (record.level !== index) {
        throw new InputError(
          `${where}: level ${record.level} stands where level ${index} belongs; restore the file or remove the run folder`,
        );
      }
      return record;
    });
  }

  /** Stores the initial parameters. */
  async writeInit(parameters: Parameters): Promise<void> {
    await this.#write(runFileNames.init, writeTicket({ parameters, metadata: {} }));
  }

  /** The stored initial parameters; undefined when the run has none yet. */
  async readInit(): Promise<Parameters | undefined> {
    return (await this.#readTicket(runFileNames.init))?.parameters;
  }

  /**
   * Stores the mask that a level trains with, before it is trained; once more with the trained parameters to keep these too.
   * @param level from 0
   */
  async writeLevelMask(level: number, mask: Mask, trained?: Parameters): Promise<void> {
    await this.#write(levelFile(level), writeTicket({ mask, parameters: trained, metadata: { level: String(level) } }));
  }

  /** The stored mask of a level; undefined when there is none yet. */
  async readLevelMask(level: number): Promise<Mask | undefined> {
    return (await this.#readTicket(levelFile(level)))?.mask;
  }

  /**
   * Marks a level as done.
   * @param last true for the run's last level, which has no next mask; for any other level that mask must be on disk
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

  /** Stores what may differ between two equal runs: times, machine, adapter, versions. */
  async appendTiming(timing: JsonObject): Promise<void> {
    await this.#writeLines(runFileNames.timings, [
      ...(await this.#readLines(runFileNames.timings)),
      JSON.stringify(timing),
    ]);
  }

  /**
   * What {@link appendTiming} stored, in order.
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

  /** Ends the run: stores its outcome in `run.json`, with the SHA-256 of every other file that spec and adapter decide. */
  async writeOutcome(outcome: JsonObject): Promise<void> {
    const checksums: Record<string, string> = {};
    for (const name of await this.#files.list(this.path)) {
      if (isDeterministic(name)) checksums[name] = await sha256(await this.#files.read(`${this.path}/${name}`));
    }
    this.#record = { ...this.#record, outcome, checksums };
    await this.#write(runFileNames.record, formatRunRecord(this.#record));
  }

  async #write(name: string, content: Uint8Array | string): Promise<void> {
    await this.#files.write(`${this.path}/${name}`, content);
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

/** A run as it begins. */
export type NewRun = Omit<RunRecord, "format" | "tasks" | "coverage" | "outcome" | "checksums"> & {
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
};

const pathOf = (root: string, run: NewRun) => runPath(`${root}/${experimentFolder(run)}`, run.seed);

/**
 * Opens a run's folder again to go on with the run; writes nothing.
 * @param root folder of all runs, such as `runs`
 * @param run its name, spec (whole and resolved) with hash, seed, executor, tasks and coverage
 * @returns undefined where there is none yet
 * @throws InputError when the folder holds the run of another spec or one begun on another executor, or files of nobody's
 */
export async function findRunFolder(files: Files, root: string, run: NewRun): Promise<RunFolder | undefined> {
  const path = pathOf(root, run);
  if (await files.exists(`${path}/${runFileNames.record}`)) {
    const { record } = await readRunFolder(files, path);
    checkSameRun(record, run, path);
    // What an older format does not say is written when the run goes on.
    const { tasks, coverage } = run;
    return new RunFolder(files, path, { ...record, format: runFormat, tasks, coverage });
  }
  const entries = (await files.exists(path)) ? await files.list(path) : [];
  const stray = entries.find(isDeterministic);
  if (stray !== undefined) {
    throw new InputError(`${path}: holds ${stray} but no run.json that says whose it is; remove the folder`);
  }
  return undefined;
}

/**
 * Creates a run's folder, or opens it again to go on with the run.
 * @throws InputError as {@link findRunFolder} does, and when the folder is not writable
 */
export async function openRunFolder(files: Files, root: string, run: NewRun): Promise<RunFolder> {
  const path = pathOf(root, run);
  const folder = (await findRunFolder(files, root, run)) ?? new RunFolder(files, path, { ...run, format: runFormat });
  // Writing what is there already tells before any training whether the place is writable; a finished run needs no more.
  if (!folder.record.outcome) await files.write(`${path}/${runFileNames.record}`, formatRunRecord(folder.record));
  return folder;
}

/**
 * Opens a finished or stopped run to look at it; writes nothing.
 * @throws InputError when there is no run or its `run.json` is damaged
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
  // Two adapters round differently, so a run begun on one cannot go on on another; a finished one is only read.
  if (!there.outcome && there.executor !== here.executor) {
    throw new InputError(
      `${path}: holds a run begun on ${there.executor}, this is ${here.executor}; choose that --device and --engine, another --out folder, or remove it`,
    );
  }
}
