import { InputError, StorageError } from "../../base/errors.ts";
import { isTemporary } from "../../base/temporary.ts";
import { type LockFiles, lockGeneration, lockName } from "./lock_files.ts";
import { describeHolder, formatLock, type LockRecord, parseLock } from "./lock_record.ts";
import { isComparable, type Processes } from "./processes.ts";
import { RunHeld } from "./run_held.ts";

/** The lock of a run folder, held by this process. */
export interface RunLock {
  /**
   * Awaited by every write, after its new content is on disk under a temporary name and before it takes its place.
   * @throws StorageError that names the process that has taken the run over
   */
  assertHeld(): Promise<void>;
  /** Lets others write. Does nothing if the lock was lost. */
  release(): Promise<void>;
}

/** The locks of runs; a platform whose files no other process can write has none. */
export interface RunLocks {
  /**
   * Locks a run folder, which is made if it is not there, and removes the temporary files that killed writers left in it.
   * @param lost called once if the lock is lost
   * @throws RunHeld when another process holds it; InputError or StorageError when the folder cannot be written
   */
  lock(folder: string, lost?: (error: StorageError) => void): Promise<RunLock>;
  /** The process that holds a run; undefined if {@link lock} would succeed. */
  heldBy(folder: string): Promise<RunHeld | undefined>;
  /** Whether a folder contains a lock file, of a living process or not. */
  isMarked(folder: string): Promise<boolean>;
}

/** Times of the locks. */
export interface LockTimes {
  /** Time without a change of the counter after which its holder counts as gone, by the clock of who waits. */
  readonly staleMs: number;
  /** A monotonic clock. */
  readonly nowMs: () => number;
  /** Waits a moment for others to end what they are at. */
  readonly pause: () => Promise<void>;
  /** Calls `beat` again and again until the returned function is called; far more often than `staleMs`. */
  readonly schedule: (beat: () => Promise<void>) => () => void;
}

/** A lock that this process holds. */
interface Held {
  readonly path: string;
  readonly folder: string;
  readonly token: string;
  readonly lost: ((error: StorageError) => void) | undefined;
  beats: number;
}

/**
 * One lock per run folder, by files in it that are made exclusively.
 *
 * A file of generation n + 1 replaces that of generation n, so of many processes that find generation n stale one makes
 * its successor, and no process removes another's valid lock by mistake. Making a file under a name that is not
 * there is the one step that local and network file systems do for exactly one of many. Locks of the system (`flock`,
 * `fcntl`) are not used: Node has none, and not every network file system passes them on.
 *
 * Who has made a file looks again before it counts: it steps back if a higher generation is there, or if the file that it
 * found stale is gone, because then another process took over in between. Then it removes the files of lower generations,
 * and last the temporary files.
 *
 * A process that was taken over may still run: it was stopped, or cut off from its network. {@link RunLock.assertHeld} finds
 * its lock file gone. It is asked between the making of a temporary file and its renaming, and whoever takes over removes
 * temporary files after the lock file, so a write of the old holder ends before the new one begins to read, or
 * fails.
 *
 * A lock is stale if its process is gone, where that can be told: on this machine, by number and start time. Elsewhere, and for
 * a stopped process, it is stale when its counter did not change for a time that this process measures; clocks of two
 * machines are never compared.
 */
export class FileLocks implements RunLocks {
  readonly #files: LockFiles;
  readonly #processes: Processes;
  readonly #times: LockTimes;
  readonly #held = new Map<string, Held>();
  /** By folder: its highest lock file, the content that was found in it, and since when. */
  readonly #seen = new Map<string, { readonly path: string; readonly text: string; readonly sinceMs: number }>();
  #unschedule: (() => void) | undefined;

  constructor(files: LockFiles, processes: Processes, times: LockTimes) {
    this.#files = files;
    this.#processes = processes;
    this.#times = times;
  }

  async lock(folder: string, lost?: (error: StorageError) => void): Promise<RunLock> {
    await this.#files.makeFolder(folder);
    const self = await this.#processes.self();
    for (let known = 0; ; ) {
      const found = await this.#current(folder, known);
      if (found?.heldBy) throw found.heldBy;
      const token = crypto.randomUUID();
      const generation = (found?.generation ?? 0) + 1;
      const path = `${folder}/${lockName(generation)}`;
      if (lockGeneration(lockName(generation)) === undefined) {
        throw new InputError(`${folder}/${lockName(generation - 1)}: is no lock of split-ticket; remove it`);
      }
      // Counts as held from here on, so that another lock() of this process sees that it is alive.
      const held: Held = { path, folder, token, lost, beats: 0 };
      this.#held.set(token, held);
      try {
        const isFirst = await this.#files.create(path, formatLock(self, token, 0));
        if (isFirst && (await this.#isSuccessor(held, found)) && (await this.#clean(held, generation))) {
          this.#unschedule ??= this.#times.schedule(() => this.#beat());
          return { assertHeld: () => this.#assertHeld(held), release: () => this.#release(held) };
        }
      } catch (error) {
        await this.#release(held).catch(() => {});
        throw error;
      }
      await this.#release(held);
      known = generation;
    }
  }

  async heldBy(folder: string): Promise<RunHeld | undefined> {
    return (await this.#current(folder))?.heldBy;
  }

  async isMarked(folder: string): Promise<boolean> {
    return (await this.#generations(folder)).length > 0;
  }

  /** Paths and tokens of the locks that this process holds, for their removal when it ends. */
  heldLocks(): { readonly path: string; readonly token: string }[] {
    return [...this.#held.values()];
  }

  /**
   * The highest generation that is there, and who holds it: nobody if it is stale. Undefined without a lock file.
   * @param known a generation that was there a moment ago: the list of a network file system may be older
   */
  async #current(folder: string, known = 0) {
    for (let least = known; ; least = 0) {
      const generation = Math.max((await this.#generations(folder)).at(-1) ?? 0, least);
      if (generation === 0) {
        // A process may look at runs for days: it keeps nothing of locks that are gone.
        this.#seen.delete(folder);
        return undefined;
      }
      const path = `${folder}/${lockName(generation)}`;
      const text = await this.#files.read(path);
      if (text === undefined) {
        await this.#times.pause();
        continue;
      }
      const record = parseLock(text);
      const isStale = await this.#isStale(folder, path, text, record);
      return { generation, path, text, heldBy: isStale ? undefined : new RunHeld(folder, record) };
    }
  }

  async #isStale(folder: string, path: string, text: string, record: LockRecord | undefined): Promise<boolean> {
    const self = await this.#processes.self();
    if (record && isComparable(record, self)) {
      if (record.pid !== self.pid || record.start !== self.start) {
        const state = await this.#processes.state(record);
        if (state !== "stopped") return state === "gone";
      } else if (this.#held.has(record.token)) return false;
    }
    const now = this.#times.nowMs();
    const seen = this.#seen.get(folder);
    if (seen?.path === path && seen.text === text) return now - seen.sinceMs >= this.#times.staleMs;
    this.#seen.set(folder, { path, text, sinceMs: now });
    return false;
  }

  /** Whether a file that was just made follows on what was found: nothing higher is there, and what was found still is. */
  async #isSuccessor({ path, folder }: Held, found: { path: string; text: string } | undefined): Promise<boolean> {
    const top = (await this.#generations(folder)).at(-1);
    if (top === undefined || path !== `${folder}/${lockName(top)}`) return false;
    return !found || (await this.#files.read(found.path)) === found.text;
  }

  /**
   * Removes the lock files of lower generations, and then the temporary files of killed or deposed writers.
   * @returns false if another process has taken over meanwhile, whose temporary files stay
   */
  async #clean({ path, folder, token }: Held, generation: number): Promise<boolean> {
    for (const lower of await this.#generations(folder)) {
      if (lower < generation) await this.#files.remove(`${folder}/${lockName(lower)}`);
    }
    const temporary = (await this.#files.list(folder)).filter(isTemporary);
    // Asked after the listing: while our lock is there, nobody else has begun to write.
    if (!(await this.#files.read(path))?.includes(token)) return false;
    for (const name of temporary) await this.#files.remove(`${folder}/${name}`);
    this.#seen.delete(folder);
    return true;
  }

  async #generations(folder: string): Promise<number[]> {
    const found = (await this.#files.list(folder)).map(lockGeneration);
    return found.filter((generation) => generation !== undefined).sort((a, b) => a - b);
  }

  async #assertHeld(held: Held): Promise<void> {
    if (!(await this.#files.read(held.path))?.includes(held.token)) throw await this.#loss(held);
  }

  /** The error of a lock that is gone. */
  async #loss({ folder }: Held): Promise<StorageError> {
    const other = (await this.#current(folder))?.heldBy;
    return new StorageError(
      other
        ? `${folder}: ${describeHolder(other.holder)} has taken this run over, since this process was stopped or out of reach; the run goes on there`
        : `${folder}: its lock file is gone, so another process may have written the run since`,
    );
  }

  async #release({ path, token }: Held): Promise<void> {
    this.#held.delete(token);
    if (this.#held.size === 0) {
      this.#unschedule?.();
      this.#unschedule = undefined;
    }
    if ((await this.#files.read(path))?.includes(token)) await this.#files.remove(path);
  }

  /** Raises the counters of all locks, one after the other. */
  async #beat(): Promise<void> {
    const self = await this.#processes.self();
    for (const held of [...this.#held.values()]) {
      const text = formatLock(self, held.token, ++held.beats);
      // Where the storage fails, perhaps for a moment, the next write of the run tells.
      const isThere = await this.#files.replace(held.path, held.token, text).catch(() => true);
      // It may have been released in between.
      if (isThere || !this.#held.delete(held.token)) continue;
      held.lost?.(await this.#loss(held).catch((error) => error));
    }
  }
}
