import type { StorageError } from "../base/errors.ts";
import { guardedFiles } from "../store/lock/guarded_files.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import type { RunLock } from "../store/lock/run_locks.ts";
import { findRunFolder, type NewRun, type OpenOptions, openRunFolder } from "../store/open_run.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { experimentFolder, runFileNames, runPath } from "../store/run_path.ts";
import type { Platform } from "./platform.ts";

/** The folder of a run, which this process writes under a lock. */
export class LockedFolder {
  readonly path: string;
  #lock: RunLock | undefined;

  /** @param root folder of all runs */
  constructor(
    readonly platform: Pick<Platform, "files" | "locks">,
    readonly root: string,
    readonly run: NewRun,
    readonly options: OpenOptions = {},
  ) {
    this.path = runPath(`${root}/${experimentFolder(run)}`, run.seed);
  }

  /**
   * Opens the folder. A finished run is locked when it is written, which only a damaged one is, so its folder may be
   * read-only.
   * @param lost called if another process takes the run over
   * @throws RunHeld when another process writes the run, for a finished one when it is written; other errors as
   *   {@link openRunFolder}
   */
  async open(lost?: (error: StorageError) => void): Promise<RunFolder> {
    const { files, locks } = this.platform;
    if (!locks) return openRunFolder(files, this.root, this.run, this.options);
    const path = `${this.path}/${runFileNames.record}`;
    const before = (await files.exists(path)) ? await files.sha256(path) : undefined;
    const found = before ? await findRunFolder(files, this.root, this.run, this.options) : undefined;
    if (!found?.record.outcome) {
      this.#lock = await locks.lock(this.path, lost);
      return openRunFolder(
        guardedFiles(files, () => this.#assertHeld()),
        this.root,
        this.run,
        this.options,
      );
    }
    await this.#removeOldLock();
    const begin = async () => {
      if (this.#lock) return;
      this.#lock = await locks.lock(this.path, lost);
      // What was read is out of date: another process has made the run again. It is opened anew.
      if (!(await files.exists(path)) || (await files.sha256(path)) !== before) throw new RunHeld(this.path, undefined);
    };
    return openRunFolder(
      guardedFiles(files, () => this.#assertHeld(), begin),
      this.root,
      this.run,
      this.options,
    );
  }

  async #assertHeld(): Promise<void> {
    await this.#lock?.assertHeld();
  }

  /** Lets other processes write the run. */
  async close(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    try {
      await lock?.release();
    } catch {
      // The storage failed: what is left of the lock goes stale with this process, and the run has ended well.
    }
  }

  /** A process that was killed right after the end of the run has left its lock. */
  async #removeOldLock(): Promise<void> {
    const { locks } = this.platform;
    try {
      if (await locks?.isMarked(this.path)) await (await locks?.lock(this.path))?.release();
    } catch {
      // Held, or in a folder that must not be written: a finished run can be read all the same.
    }
  }
}
