import { InputError, StorageError } from "../base/errors.ts";
import type { FileContent, Files } from "../base/files.ts";
import { joinLines, splitLines } from "./lines.ts";
import { changed, type Damage, describeDamage, isWhole, lineDamage, readText } from "./run_damage.ts";
import type { RunRecord } from "./run_record.ts";
import { readTicket, type Ticket } from "./ticket_file.ts";

/**
 * The files of one run folder by name: written atomically, and compared when read with the checksums that the run has of
 * them. What they hold, and in which order they are written, `run_folder.ts` says.
 */
export class RunFiles {
  readonly #files: Files;

  constructor(
    files: Files,
    /** Path of the folder. */
    readonly folder: string,
  ) {
    this.#files = files;
  }

  pathOf(name: string): string {
    return `${this.folder}/${name}`;
  }

  exists(name: string): Promise<boolean> {
    return this.#files.exists(this.pathOf(name));
  }

  /** Names of all that is in the folder. */
  list(): Promise<string[]> {
    return this.#files.list(this.folder);
  }

  sha256(name: string): Promise<string> {
    return this.#files.sha256(this.pathOf(name));
  }

  read(name: string): Promise<Uint8Array> {
    return this.#files.read(this.pathOf(name));
  }

  remove(name: string): Promise<void> {
    return this.#files.remove(this.pathOf(name));
  }

  /**
   * A file of weights and masks; undefined where there is none, and none is expected.
   * @param sum its checksum; undefined where the run has none of it
   * @throws InputError when the file is not the one that the run wrote
   */
  async ticket(name: string, record: RunRecord, sum: string | undefined): Promise<Ticket | undefined> {
    if (!(await this.exists(name))) {
      if (sum === undefined) return undefined;
      throw this.#damaged({ file: name, problem: "is missing", level: undefined });
    }
    const bytes = await this.read(name);
    if (sum !== undefined && !(await isWhole(record, name, bytes, sum))) {
      throw this.#damaged({ file: name, problem: changed, level: undefined });
    }
    return readTicket(bytes, this.pathOf(name));
  }

  /**
   * The lines of the finished levels.
   * @throws InputError when they are not those that the run wrote
   */
  async finishedLines(name: string, record: RunRecord): Promise<string[]> {
    const text = await this.#text(name);
    if (record.checksums?.[name] !== undefined) {
      const damage = await lineDamage(record, name, text);
      if (damage) throw this.#damaged(damage);
    }
    return linesOf(text).slice(0, record.finished);
  }

  /** The lines of a file; none where there is no file. */
  async lines(name: string): Promise<string[]> {
    return linesOf(await this.#text(name));
  }

  /**
   * Writes files in one go.
   * @throws StorageError also where the folder has become unwritable since it was opened: the command was right
   */
  async write(contents: ReadonlyMap<string, FileContent>): Promise<void> {
    try {
      await this.#files.writeAll(new Map([...contents].map(([name, content]) => [this.pathOf(name), content])));
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      if (!(await this.#files.exists(this.folder))) {
        throw new StorageError(
          `${this.folder}: the run folder has vanished while the run was in training; put it back to go on after its last finished level, or run again to begin anew`,
        );
      }
      throw new StorageError(`${error.message}; the same command continues after the last finished level`);
    }
  }

  /** Replaces a file of lines by these, unless it has them; a file without lines is removed. */
  async cutTo(name: string, lines: readonly string[]): Promise<void> {
    const text = joinLines(lines);
    if (text === "") await this.remove(name);
    else if ((await this.#text(name)) !== text) await this.write(new Map([[name, text]]));
  }

  #text(name: string): Promise<string | undefined> {
    return readText(this.#files, this.pathOf(name));
  }

  #damaged(damage: Damage): InputError {
    return new InputError(
      `${this.folder}/${describeDamage(damage)}, by the checksums in run.json; restore the file, or give the run's command again, which makes it again`,
    );
  }
}

const linesOf = (text: string | undefined) => splitLines(text ?? "").filter((line) => line !== "");
