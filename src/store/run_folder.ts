import { InputError, invariant, reasonOf, StorageError } from "../base/errors.ts";
import type { FileContent, Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { type CheckpointOwner, readCheckpoint, type StoredCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { goneOnWith, type Opened } from "./go_on.ts";
import { formatLevelCurves, type LevelCurvesRecord, parseLevelCurves } from "./level_curves.ts";
import { parseLevelLines, readableLevelLines } from "./level_lines.ts";
import { formatLevelRecord, type LevelRecord } from "./level_record.ts";
import { joinLines, lineChecksum } from "./lines.ts";
import { changed, type Damage, damagesOf, describeDamage, unreadableFile } from "./run_damage.ts";
import { RunFiles } from "./run_files.ts";
import { levelFile, levelOf, runFileNames } from "./run_path.ts";
import { formatRunRecord, type JsonObject, type Restart, type RunRecord, runFormat } from "./run_record.ts";
import { initialTicket, levelTicket } from "./run_tickets.ts";
import type { Ticket } from "./ticket_file.ts";
import { parseTimings, type Timing, type Timings } from "./timing.ts";

/**
 * One run on disk: `<root>/<name>-<spec hash>/seed-<n>/`.
 *
 * Every file is written atomically, those of a level in one go. The order of the writes:
 * 1. `openRunFolder` makes the folder and writes `run.json` with `finished` 0.
 * 2. `init.safetensors`, `rewind.safetensors` if the run rewinds to weights after some training, and
 *    `level-00.safetensors`, before level 0 is trained.
 * 3. For each level i: `level-<i>.safetensors` again, with the trained weights, if the run keeps them;
 *    `level-<i + 1>.safetensors` with the next mask, unless level i is the last; line i of `curves.jsonl`, if the run
 *    keeps curves; line i of `levels.jsonl`; line i of `timings.jsonl`; `run.json` with `finished` i + 1 and the
 *    checksums as of then. This last write is the commit point: before it level i counts as not trained.
 *    Before all that, while level i trains, `checkpoint.safetensors` at intervals; after all that it is removed.
 * 4. `run.json` with the outcome, after the files of all levels were compared with their checksums.
 *
 * What a stop between two of these writes leaves, and what the next process does:
 * - After 1 or within 2: no level is finished. Initial weights and mask 0 are written again.
 * - Within 3: files of level i that `run.json` does not know. Level i is trained again, and each write replaces what is
 *   there: a mask under its name, lines after the first `finished` ones, a timing of the same level. The file of level
 *   i with trained weights differs from its checksum, which is that of the mask alone: it is accepted if its mask,
 *   written alone, has that checksum.
 * - Between 3 and 4: all levels are finished; the next process compares their files and stores the outcome.
 * So a run that was stopped anywhere ends with the same bytes as one in one go.
 *
 * Any other difference from the checksums is damage. {@link damages} finds it, {@link keepLevels} goes back to the
 * levels before it. No write makes a folder again that has vanished.
 *
 * The bytes of every file except `timings.jsonl` are a function of spec, adapter and program. Only one process at a time
 * may write: `LockedFolder` in `src/run/locked_folder.ts` sees to it.
 */
export class RunFolder {
  readonly #platformFiles: Files;
  readonly #files: RunFiles;
  readonly #opened: Opened | undefined;
  #record: RunRecord;
  /** Checksums of files that were written since `run.json` was, by name. */
  readonly #unsealed = new Map<string, string>();
  /**
   * The lines of the finished levels that this process wrote, by file name, so that they need not be read to add one.
   * Curves are read all the same, since they may be large and many runs open.
   */
  readonly #lines = new Map<string, readonly string[]>();

  /** Use `openRunFolder` to write a run and `readRunFolder` to read one, in `open_run.ts`. */
  constructor(
    files: Files,
    /** Path of the folder. */
    readonly path: string,
    record: RunRecord,
    opened?: Opened,
  ) {
    this.#platformFiles = files;
    this.#files = new RunFiles(files, path);
    this.#record = record;
    this.#opened = opened;
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
    return parseLevelLines(await this.#finishedLines(runFileNames.levels), this.path);
  }

  /**
   * The records of the finished levels before the first that is no record, whatever their checksums.
   * @returns them, the number of finished levels, and the first damage
   */
  async readableLevels(): Promise<{ levels: LevelRecord[]; finished: number; damage?: Damage }> {
    const ended = Number(this.#record.outcome?.levels ?? 0);
    let lines: string[];
    try {
      lines = (await this.#files.lines(runFileNames.levels)).slice(0, this.#record.finished);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      const { finished = ended } = this.#record;
      return { levels: [], finished, damage: unreadableFile(this.path, runFileNames.levels, 0, error) };
    }
    const { finished = Math.max(lines.length, ended) } = this.#record;
    return { ...readableLevelLines(lines, this.path), finished };
  }

  /** Stores the initial parameters. */
  async writeInit(parameters: Parameters): Promise<void> {
    await this.#writeSealed(runFileNames.init, initialTicket(parameters));
  }

  /**
   * The stored initial parameters; undefined if they are not written yet.
   * @throws InputError when the file is damaged
   */
  async readInit(): Promise<Parameters | undefined> {
    return (await this.#readTicket(runFileNames.init))?.parameters;
  }

  /** Stores the parameters that the run rewinds to, where these are not the initial ones. */
  async writeRewind(parameters: Parameters): Promise<void> {
    await this.#writeSealed(runFileNames.rewind, initialTicket(parameters));
  }

  /**
   * What {@link writeRewind} stored; undefined if there is nothing.
   * @throws InputError when the file is damaged
   */
  async readRewind(): Promise<Parameters | undefined> {
    return (await this.#readTicket(runFileNames.rewind))?.parameters;
  }

  /**
   * The trained parameters of a finished level; undefined if the run does not keep them.
   * @throws InputError when the file is damaged
   */
  async readTrained(level: number): Promise<Parameters | undefined> {
    return (await this.#readTicket(levelFile(level)))?.parameters;
  }

  /**
   * Compares the file of the initial parameters and its checksum with the parameters that it must hold. If the run had
   * others, no level of it counts.
   */
  async initDamage(parameters: Parameters): Promise<Damage | undefined> {
    const file = runFileNames.init;
    const wanted = await sha256(initialTicket(parameters));
    const sum = this.#record.checksums?.[file];
    const others = { file, problem: "does not hold the initial weights of this run", level: 0 };
    if (sum !== undefined && sum !== wanted) return others;
    if (!(await this.#files.exists(file))) return { file, problem: "is missing", level: undefined };
    if ((await this.#files.sha256(file)) === wanted) return undefined;
    return sum === undefined ? others : { file, problem: changed, level: undefined };
  }

  /**
   * Stores the mask of a level before it is trained: that of level 0, or one that was damaged. {@link finishLevel} stores
   * the others.
   * @param level from 0
   */
  async writeLevelMask(level: number, mask: Mask): Promise<void> {
    await this.#writeSealed(levelFile(level), levelTicket(level, mask));
  }

  /**
   * The stored mask of a level; undefined if it is not written yet.
   * @throws InputError when the file is damaged
   */
  async readLevelMask(level: number): Promise<Mask | undefined> {
    return (await this.#readTicket(levelFile(level)))?.mask;
  }

  /**
   * The curves of the finished levels, level 0 first; empty if the run keeps none.
   * @throws InputError when `curves.jsonl` is damaged
   */
  async readCurves(): Promise<LevelCurvesRecord[]> {
    const lines = await this.#finishedLines(runFileNames.curves);
    const finished = this.#record.finished ?? (await this.#finishedLines(runFileNames.levels)).length;
    return lines
      .slice(0, finished)
      .map((line, level) => parseLevelCurves(line, level, `${this.path}/${runFileNames.curves}, line ${level + 1}`));
  }

  /**
   * Marks a level as finished: stores what it left, then `run.json`.
   * @throws StorageError when a file that the level adds a line to is not what the run wrote
   */
  async finishLevel({ record, curves, timing, trained, next }: FinishedLevel): Promise<void> {
    const { level } = record;
    const { finished = 0, diverged: _, ...others } = this.#record;
    invariant(level === finished, `level ${level} finished after ${finished} levels`);
    const sealed = new Map<string, FileContent>();
    if (trained) sealed.set(levelFile(level), levelTicket(level, trained.mask, trained.parameters));
    if (next) sealed.set(levelFile(level + 1), levelTicket(level + 1, next));
    const lines = { ...this.#record.lines };
    const add = async (name: string, line: string) => {
      const all = [...(await this.#linesBefore(name)), line];
      sealed.set(name, joinLines(all));
      lines[name] = [...(lines[name] ?? []), await lineChecksum(line)];
      return all;
    };
    if (curves) await add(runFileNames.curves, formatLevelCurves(curves));
    const levels = await add(runFileNames.levels, formatLevelRecord(record));
    const timings = [...(await this.#timingsBefore(level)), JSON.stringify(timing)];
    const checksums = this.#checksums();
    for (const [name, content] of sealed) checksums[name] = await sha256(content);
    await this.#files.write(new Map([...sealed, [runFileNames.timings, joinLines(timings)]]));
    await this.#writeRecord({ ...others, finished: level + 1, checksums: sorted(checksums), lines });
    this.#unsealed.clear();
    this.#lines.set(runFileNames.levels, levels);
    this.#lines.set(runFileNames.timings, timings);
  }

  /** What {@link finishLevel} stored of the times of the levels. */
  async readTimings(): Promise<Timings> {
    return parseTimings(await this.#files.lines(runFileNames.timings));
  }

  /** The files that differ from the checksums in `run.json`, as {@link damagesOf} finds them. */
  damages(names?: readonly string[]): Promise<Damage[]> {
    return damagesOf(this.#platformFiles, this.path, this.#record, names);
  }

  /**
   * Makes `run.json` that of an unfinished run with the first levels, and removes what later levels left. Seals files
   * that a run of an older version has without checksums, so these must have been checked. `run.json` is written first,
   * so that after a stop on the way the rest counts as left by a stopped level.
   * @param count number of levels to keep; their files must be whole
   * @throws InputError when another program trained them and must not be mixed with this one
   */
  async keepLevels(count: number): Promise<void> {
    const { checksums = {}, outcome: _, diverged: __, ...others } = this.#record;
    const kept: Record<string, string> = {};
    const lines: Record<string, string[]> = {};
    const cut = new Map<string, readonly string[]>();
    for (const name of [runFileNames.curves, runFileNames.levels]) {
      const first = (await this.#files.lines(name)).slice(0, count);
      cut.set(name, first);
      if (first.length === 0) continue;
      lines[name] = await Promise.all(first.map(lineChecksum));
      kept[name] = await sha256(joinLines(first));
    }
    if (count > 0) {
      const levels = Array.from({ length: count + 1 }, (_, level) => levelFile(level));
      for (const name of [runFileNames.init, runFileNames.rewind, ...levels]) {
        const known = this.#unsealed.get(name) ?? checksums[name];
        if (known !== undefined) kept[name] = known;
        else if (await this.#files.exists(name)) kept[name] = await this.#files.sha256(name);
      }
    }
    const record = { ...others, format: runFormat, finished: count, checksums: sorted(kept), lines };
    await this.#writeRecord(this.#opened ? goneOnWith(record, this.#opened, this.path) : record);
    this.#unsealed.clear();
    this.#lines.clear();
    for (const [name, first] of cut) await this.#files.cutTo(name, first);
    const { timings } = await this.readTimings();
    const first = timings.filter(({ level }) => level < count).map((timing) => JSON.stringify(timing));
    await this.#files.cutTo(runFileNames.timings, first);
    for (const name of await this.#files.list()) {
      if ((levelOf(name) ?? 0) > count) await this.#files.remove(name);
    }
  }

  /** Stores that the training of the level after the finished ones diverged; finishing that level removes the note. */
  async noteDivergence(level: number, message: string): Promise<void> {
    await this.#writeRecord({ ...this.#record, diverged: { level, message } });
  }

  /** Path of the checkpoint of the level in training. No checksum covers the file, and a run that has ended has none. */
  get checkpointPath(): string {
    return this.#files.pathOf(runFileNames.checkpoint);
  }

  /** Stores the state of the level in training; a kill during the write leaves the checkpoint before. */
  async writeCheckpoint(owner: CheckpointOwner, checkpoint: StoredCheckpoint): Promise<void> {
    await this.#platformFiles.write(this.checkpointPath, await writeCheckpoint(owner, this.#program, checkpoint));
  }

  /**
   * The checkpoint of a level; undefined if there is none of it or of a later one.
   * @returns why there is none for this level, if the file is of no use; the rest of a sentence about the file
   */
  async readCheckpoint(owner: CheckpointOwner): Promise<StoredCheckpoint | string | undefined> {
    try {
      if (!(await this.#files.exists(runFileNames.checkpoint))) return undefined;
      return await readCheckpoint(await this.#files.read(runFileNames.checkpoint), owner, this.#program);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      return `cannot be read (${reasonOf(error, `cannot read ${this.checkpointPath}`)})`;
    }
  }

  async removeCheckpoint(): Promise<void> {
    // The names tell of links that lead nowhere too.
    const names = await this.#files.list();
    if (names.includes(runFileNames.checkpoint)) await this.#files.remove(runFileNames.checkpoint);
  }

  /** What computes now: a checkpoint of anything else is not used. */
  get #program(): string {
    const { numeric = 0, kernels = "" } = this.#opened?.program ?? {};
    return `${this.#record.executor}, numerics ${numeric}, kernels ${kernels}`;
  }

  /** Stores in `run.json` a failure of the machine that the run outlived. */
  async noteRestart(restart: Restart): Promise<void> {
    await this.#writeRecord({ ...this.#record, restarts: [...(this.#record.restarts ?? []), restart] });
  }

  /**
   * Ends the run: stores its outcome in `run.json`.
   * @throws StorageError when a file of the run is not what it wrote
   */
  async writeOutcome(outcome: JsonObject): Promise<void> {
    this.#record = { ...this.#record, checksums: this.#checksums() };
    const [damage, ...others] = await this.damages();
    if (damage) {
      const more = others.length > 0 ? ` (and ${others.length} more)` : "";
      throw new StorageError(
        `${this.path}/${describeDamage(damage)}${more}: something else changed it while the run was in training; the same command trains what is damaged again`,
      );
    }
    await this.#writeRecord({ ...this.#record, outcome });
  }

  #checksums(): Record<string, string> {
    return sorted({ ...this.#record.checksums, ...Object.fromEntries(this.#unsealed) });
  }

  async #writeRecord(record: RunRecord): Promise<void> {
    await this.#files.write(new Map([[runFileNames.record, await formatRunRecord(record)]]));
    this.#record = record;
  }

  async #writeSealed(name: string, content: Uint8Array): Promise<void> {
    await this.#files.write(new Map([[name, content]]));
    this.#unsealed.set(name, await sha256(content));
  }

  /** The lines of the finished levels in a file; those of a level that was stopped are dropped. */
  async #linesBefore(name: string): Promise<readonly string[]> {
    const known = this.#lines.get(name);
    if (known) return known;
    if ((this.#record.finished ?? 0) === 0) return [];
    try {
      return await this.#finishedLines(name);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new StorageError(error.message);
    }
  }

  /** The lines of the timings before a level, one for each level. */
  async #timingsBefore(level: number): Promise<readonly string[]> {
    const known = this.#lines.get(runFileNames.timings);
    if (known) return known;
    const { timings } = await this.readTimings();
    return timings.filter((each) => each.level < level).map((each) => JSON.stringify(each));
  }

  #readTicket(name: string): Promise<Ticket | undefined> {
    return this.#files.ticket(name, this.#record, this.#unsealed.get(name) ?? this.#record.checksums?.[name]);
  }

  #finishedLines(name: string): Promise<string[]> {
    return this.#files.finishedLines(name, this.#record);
  }
}

/** What a level leaves in its run folder when it ends. */
export interface FinishedLevel {
  readonly record: LevelRecord;
  /** Values that may differ between two runs of the same spec: times, machine, adapter, versions. */
  readonly timing: Timing;
  /** Losses and accuracies by epoch, if the run keeps them. */
  readonly curves?: LevelCurvesRecord | undefined;
  /** The mask of the level and its trained weights, if the run keeps them. */
  readonly trained?: { readonly mask: Mask; readonly parameters: Parameters } | undefined;
  /** The mask of the next level; undefined after the last one. */
  readonly next?: Mask | undefined;
}

function sorted(checksums: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).sort(([a], [b]) => (a < b ? -1 : 1)));
}
