import type { LockFiles } from "../../../src/store/lock/lock_files.ts";
import type { ProcessIdentity } from "../../../src/store/lock/lock_record.ts";
import type { ProcessState } from "../../../src/store/lock/processes.ts";
import { FileLocks } from "../../../src/store/lock/run_locks.ts";

/** Time without a count after which a lock is stale, in steps. */
export const staleSteps = 60;

/** How often the process that had the last step gets the next one too. */
const stickiness = 0.8;

interface Waiting {
  readonly process: SimulatedProcess;
  readonly go: () => void;
}

/** A process of the simulation; each of its accesses to files is one step. */
export class SimulatedProcess {
  state: ProcessState = "running";
  readonly locks: FileLocks;
  beat: (() => Promise<void>) | undefined;

  constructor(
    readonly world: SimulatedWorld,
    readonly identity: ProcessIdentity,
  ) {
    const processes = {
      self: async () => identity,
      state: async ({ pid, start }: ProcessIdentity) =>
        world.processes.find(({ identity: one }) => one.pid === pid && one.start === start)?.state ?? "gone",
    };
    this.locks = new FileLocks(world.filesOf(this), processes, {
      staleMs: staleSteps,
      nowMs: () => world.steps,
      pause: () => world.turn(this),
      schedule: (beat) => {
        this.beat = beat;
        return () => {
          this.beat = undefined;
        };
      },
    });
  }
}

/** Files that processes of several machines share, and whose accesses a random order interleaves. */
export class SimulatedWorld {
  readonly files = new Map<string, string>();
  readonly processes: SimulatedProcess[] = [];
  steps = 0;
  readonly #waiting: Waiting[] = [];
  #last: SimulatedProcess | undefined;

  /** @param random numbers from 0 to below 1 */
  constructor(readonly random: () => number) {}

  add(host: string): SimulatedProcess {
    const pid = this.processes.length + 1;
    const process = new SimulatedProcess(this, { host, pid, start: String(pid) });
    this.processes.push(process);
    return process;
  }

  /** Waits until the process is chosen for the next step; for ever if it is gone. */
  turn(process: SimulatedProcess): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ process, go });
    });
  }

  /** Lets one access of a running process happen. @returns false if none waits */
  async step(): Promise<boolean> {
    // What follows on the last access runs until its next.
    await new Promise((resolve) => setImmediate(resolve));
    this.steps++;
    const ready = this.#waiting.filter(({ process }) => process.state === "running");
    if (ready.length === 0) return false;
    // Often the same process again, so that others are late by a whole run.
    const again = ready.filter(({ process }) => process === this.#last);
    const from = again.length > 0 && this.random() < stickiness ? again : ready;
    const chosen = from[Math.floor(this.random() * from.length)];
    this.#last = chosen.process;
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.go();
    return true;
  }

  filesOf(process: SimulatedProcess): LockFiles {
    const { files } = this;
    const step = async <T>(access: () => T): Promise<T> => {
      await this.turn(process);
      return access();
    };
    return {
      makeFolder: async () => {},
      list: (folder) =>
        step(() =>
          [...files.keys()]
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1)),
        ),
      read: (path) => step(() => files.get(path)),
      create: (path, content) =>
        step(() => {
          if (files.has(path)) return false;
          files.set(path, content);
          return true;
        }),
      replace: (path, token, content) =>
        step(() => {
          if (!files.get(path)?.includes(token)) return false;
          files.set(path, content);
          return true;
        }),
      remove: (path) => step(() => void files.delete(path)),
    };
  }
}
