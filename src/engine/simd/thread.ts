import { DeviceError } from "../../base/errors.ts";
import type { LevelProgress } from "../engine.ts";
import type { LevelJob, LevelResult, LevelWorker } from "./level_job.ts";
import type { TrainingPlan } from "./sizes.ts";
import { LevelTrainer } from "./trainer.ts";

/** What a thread is told: once what it will train, then level after level. */
export type ThreadOrder =
  | { readonly kind: "open"; readonly plan: TrainingPlan }
  | { readonly kind: "train"; readonly job: LevelJob };

/** What a thread answers. */
export type ThreadAnswer =
  | { readonly kind: "progress"; readonly progress: LevelProgress }
  | { readonly kind: "done"; readonly result: LevelResult };

/** A thread as its owner sees it; the platform makes it. */
export interface Thread {
  post(order: ThreadOrder): void;
  /** Whether the process waits for this thread before it exits. */
  keepsProcessAlive(isAlive: boolean): void;
  terminate(): void;
}

/** What the platform tells the owner of a thread. */
export interface ThreadEvents {
  answer(answer: ThreadAnswer): void;
  /** The thread ended, or failed and will end. */
  ended(reason: string): void;
}

/** Starts a thread that runs {@link serveThread}. */
export type StartThread = (events: ThreadEvents) => Thread;

/** Answers one order after the other, on the thread itself; errors are the platform's to report. */
export function serveThread(
  answer: (answer: ThreadAnswer, transfer: ArrayBuffer[]) => void,
): (order: ThreadOrder) => void {
  let trainer: LevelTrainer | undefined;
  return (order) => {
    if (order.kind === "open") {
      trainer = new LevelTrainer(order.plan);
    } else if (trainer) {
      const result = trainer.train(order.job, (progress) => answer({ kind: "progress", progress }, []));
      answer({ kind: "done", result }, [result.values.buffer as ArrayBuffer]);
    }
  };
}

/** A level that a thread trains. */
interface Pending {
  readonly done: (result: LevelResult) => void;
  readonly failed: (error: unknown) => void;
  readonly observe: ((progress: LevelProgress) => void) | undefined;
}

/** Trains levels on a thread of its own; the process may exit while it is idle. */
export class ThreadWorker implements LevelWorker {
  readonly #thread: Thread;
  #pending: Pending | undefined;
  /** Why no level can be trained any more. */
  #ended: DeviceError | undefined;

  /** @param name names the thread in errors: `CPU thread 2` */
  constructor(
    readonly name: string,
    start: StartThread,
    plan: TrainingPlan,
  ) {
    this.#thread = start({
      answer: (answer) => this.#hear(answer),
      ended: (reason) => this.#end(new DeviceError(`${this.name} ${reason}`)),
    });
    this.#thread.post({ kind: "open", plan });
    this.#thread.keepsProcessAlive(false);
  }

  train(job: LevelJob, observe?: (progress: LevelProgress) => void): Promise<LevelResult> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#thread.keepsProcessAlive(true);
    return new Promise((done, failed) => {
      this.#pending = { done, failed, observe };
      this.#thread.post({ kind: "train", job });
    });
  }

  close(): void {
    this.#end(new DeviceError(`${this.name} was closed`));
    this.#thread.terminate();
  }

  #hear(answer: ThreadAnswer): void {
    const pending = this.#pending;
    if (!pending) return;
    if (answer.kind === "progress") {
      try {
        pending.observe?.(answer.progress);
      } catch (error) {
        // An observer's failure fails the level; the thread goes on to its end unheard, so it is of no more use.
        pending.failed(error);
        this.close();
      }
      return;
    }
    this.#pending = undefined;
    this.#thread.keepsProcessAlive(false);
    pending.done(answer.result);
  }

  #end(error: DeviceError): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.failed(this.#ended);
  }
}
