import { DeviceError, invariant } from "../../base/errors.ts";
import { nextTurn } from "../../base/next_turn.ts";
import type { LevelProgress } from "../engine.ts";
import type { LevelWorker, WorkerJob, WorkerResult } from "./level_worker.ts";
import type { TrainingPlan } from "./sizes.ts";
import { LevelTrainer } from "./trainer.ts";

/** What a thread is told: once what it will train, then level after level; and while it trains that its values are wanted. */
export type ThreadOrder =
  | { readonly kind: "open"; readonly plan: TrainingPlan }
  | { readonly kind: "train"; readonly job: WorkerJob }
  | { readonly kind: "values" };

/** What a thread answers. */
export type ThreadAnswer =
  | { readonly kind: "progress"; readonly progress: LevelProgress }
  | { readonly kind: "values"; readonly values: Float32Array<ArrayBuffer> }
  | { readonly kind: "done"; readonly result: WorkerResult };

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

/**
 * Answers orders on the thread itself; errors are the platform's to report. While a level trains the thread looks for orders
 * only as it tells of progress, so an answer takes as long.
 */
export function serveThread(
  answer: (answer: ThreadAnswer, transfer: ArrayBuffer[]) => void,
): (order: ThreadOrder) => void {
  let trainer: LevelTrainer | undefined;
  let areValuesWanted = false;
  const train = async (job: WorkerJob) => {
    invariant(trainer, "a thread is to train before it knows what");
    // An order that came after the last level's end was answered by that end.
    areValuesWanted = false;
    const result = await trainer.train(job, async (progress, valuesNow) => {
      answer({ kind: "progress", progress }, []);
      await nextTurn();
      if (!areValuesWanted) return;
      areValuesWanted = false;
      const values = valuesNow();
      answer({ kind: "values", values }, [values.buffer]);
    });
    answer({ kind: "done", result }, [result.values.buffer]);
  };
  return (order) => {
    switch (order.kind) {
      case "open":
        trainer = new LevelTrainer(order.plan);
        break;
      case "train":
        train(order.job).catch((error) =>
          // As an error of the thread, not of a promise: browsers tell the thread's owner of those only.
          queueMicrotask(() => {
            throw error;
          }),
        );
        break;
      case "values":
        areValuesWanted = true;
        break;
      default:
        order satisfies never;
    }
  };
}

/** A level that a thread trains. */
interface Pending {
  readonly done: (result: WorkerResult) => void;
  readonly failed: (error: unknown) => void;
  readonly observe: ((progress: LevelProgress) => void) | undefined;
  /** Those who wait for the values of now. */
  readonly asking: Asking[];
}

interface Asking {
  readonly done: (values: Float32Array<ArrayBuffer>) => void;
  readonly failed: (error: unknown) => void;
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

  train(job: WorkerJob, observe?: (progress: LevelProgress) => void): Promise<WorkerResult> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#thread.keepsProcessAlive(true);
    return new Promise((done, failed) => {
      this.#pending = { done, failed, observe, asking: [] };
      this.#thread.post({ kind: "train", job });
    });
  }

  async values(): Promise<Float32Array<ArrayBuffer>> {
    if (this.#ended) throw this.#ended;
    const pending = this.#pending;
    invariant(pending, `${this.name} is asked for values and trains no level`);
    return new Promise((done, failed) => {
      pending.asking.push({ done, failed });
      if (pending.asking.length === 1) this.#thread.post({ kind: "values" });
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
    if (answer.kind === "values") {
      for (const { done } of pending.asking.splice(0)) done(answer.values.slice());
      return;
    }
    this.#pending = undefined;
    this.#thread.keepsProcessAlive(false);
    for (const { done } of pending.asking) done(answer.result.values.slice());
    pending.done(answer.result);
  }

  #end(error: DeviceError): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return;
    for (const { failed } of pending.asking) failed(this.#ended);
    pending.failed(this.#ended);
  }
}
