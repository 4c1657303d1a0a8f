import { InputError, StorageError } from "../base/errors.ts";
import { checkpointArrays, checkpointOf } from "../engine/checkpoint.ts";
import type { LevelCheckpoint, LevelJob, LevelNow } from "../engine/engine.ts";
import type { CheckpointOwner } from "../store/checkpoint.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { CheckpointTurns } from "./checkpoint_turns.ts";

/** Time that a run which is stopped has for a last checkpoint, in ms. */
const lastMs = 1500;

/** Reads and stores the checkpoints of one run, a level after the other. */
export class RunCheckpoints {
  readonly #folder: RunFolder;
  readonly #turns: CheckpointTurns | undefined;
  readonly #say: (level: number, text: string) => void;
  readonly #stored: (level: number) => void;
  /** Whether the folder may hold a checkpoint of an earlier process for the next level: the first one. */
  #isFirst = true;
  /** Whether the folder may hold any checkpoint. */
  #mayBeThere = true;
  #owner: CheckpointOwner | undefined;
  #now: LevelNow | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #leaveQueue: () => void = () => {};
  #storing: Promise<number> | undefined;
  #hasFailed = false;

  /**
   * @param turns when to store; undefined: never
   * @param say receives a sentence about a level for people
   * @param stored called whenever the folder holds a checkpoint of a level in training
   */
  constructor(
    folder: RunFolder,
    turns: CheckpointTurns | undefined,
    say: (level: number, text: string) => void,
    stored: (level: number) => void,
  ) {
    this.#folder = folder;
    this.#turns = turns;
    this.#say = say;
    this.#stored = stored;
  }

  /** Begins a level; returns its checkpoint if the folder has one. A checkpoint that is of no use is said. */
  async open({ seed, orderSeed, level, settings, mask }: LevelJob): Promise<LevelCheckpoint | undefined> {
    this.#owner = { level, mask, settings: { seed, orderSeed, ...settings } };
    this.#hasFailed = false;
    if (!this.#isFirst) return undefined;
    this.#isFirst = false;
    const found = await this.#folder.readCheckpoint(this.#owner);
    if (typeof found === "object") {
      const checkpoint = checkpointOf(found.kernels, found.arrays);
      if (checkpoint) return checkpoint;
    }
    if (found !== undefined) {
      const reason = typeof found === "string" ? found : "is damaged (numbers are missing)";
      this.#say(level, `level ${level} starts anew: ${this.#folder.checkpointPath} ${reason}`);
    }
    return undefined;
  }

  /**
   * The level has begun, and will be stored at intervals.
   * @param resume what {@link open} has returned
   */
  begun(level: number, now: LevelNow, resume: LevelCheckpoint | undefined): void {
    this.#now = now;
    this.#wait();
    const path = this.#folder.checkpointPath;
    if (now.resumedEpochs !== undefined) {
      const { evaluateEvery, maxSteps } = this.#owner?.settings ?? {};
      const epoch = now.resumedEpochs === 0 ? "within its first epoch" : `at epoch ${now.resumedEpochs}`;
      const countsSteps = evaluateEvery !== undefined || maxSteps !== undefined;
      this.#say(level, `level ${level} continues ${countsSteps ? `at step ${resume?.counts.steps}` : epoch}`);
      this.#stored(level);
    } else if (resume) this.#say(level, `level ${level} starts anew: ${path} was made by other kernels`);
  }

  /**
   * The level is given up.
   * @param stores store it once more, which may take 1.5 s
   */
  async stop(stores: boolean): Promise<void> {
    this.#leave();
    if (!stores || !this.#turns || !this.#now) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastMs);
    });
    await Promise.race([this.#store(), late]);
    clearTimeout(timer);
  }

  /** The level has ended: nothing more is stored of it. Waits for a write that is under way. */
  async close(): Promise<void> {
    this.#leave();
    this.#now = undefined;
    await this.#storing;
  }

  /** Removes the checkpoint of a level that is sealed, or one that a process left which was killed after that. */
  async remove(): Promise<void> {
    if (!this.#mayBeThere) return;
    this.#mayBeThere = false;
    try {
      await this.#folder.removeCheckpoint();
    } catch (error) {
      // A file too many does no harm: no level goes on from the checkpoint of another.
      if (!(error instanceof StorageError || error instanceof InputError)) throw error;
    }
  }

  #wait(): void {
    this.#leave();
    const turns = this.#turns;
    if (!turns) return;
    this.#timer = setTimeout(() => {
      this.#leaveQueue = turns.queue(async () => {
        const storedMs = await this.#store();
        if (this.#now) this.#wait();
        return storedMs;
      });
    }, turns.everyMs);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#leaveQueue();
    this.#leaveQueue = () => {};
  }

  /** Stores the level as it is now, unless that is under way; returns the time that storing took in ms. */
  #store(): Promise<number> {
    this.#storing ??= this.#tryToStore().finally(() => {
      this.#storing = undefined;
    });
    return this.#storing;
  }

  /** A checkpoint that cannot be stored does not stop the training, and what is wrong is said once a level. */
  async #tryToStore(): Promise<number> {
    const [owner, now] = [this.#owner, this.#now];
    let startedAt = performance.now();
    try {
      const checkpoint = await now?.checkpoint();
      if (!owner || !checkpoint || this.#now !== now) return 0;
      startedAt = performance.now();
      const { kernels } = checkpoint;
      this.#mayBeThere = true;
      await this.#folder.writeCheckpoint(owner, { kernels, arrays: checkpointArrays(checkpoint) });
      if (this.#turns) this.#turns.stored++;
      this.#stored(owner.level);
    } catch (error) {
      // A device that fails, fails the level too.
      const isStorage = error instanceof StorageError || error instanceof InputError;
      if (isStorage && owner && !this.#hasFailed) {
        this.#hasFailed = true;
        this.#say(owner.level, `no checkpoint of level ${owner.level}: ${error.message}`);
      }
    }
    return performance.now() - startedAt;
  }
}
