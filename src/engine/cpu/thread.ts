import { DeviceError, invariant } from "../../base/errors.ts";
import { nextTurn } from "../../base/next_turn.ts";
import type { LevelCheckpoint, LevelProgress } from "../engine.ts";
import type { LevelWorker, WorkerJob, WorkerNow, WorkerResult } from "./level_worker.ts";
import type { TrainingPlan } from "./sizes.ts";
import { LevelTrainer } from "./trainer.ts";

/**
 * Messages to a thread: `open` once with its plan, `train` for each level; during training `values` to request the
 * parameters, and `checkpoint` the state.
 */
export type ThreadOrder =
  | { readonly kind: "open"; readonly plan: TrainingPlan }
  | { readonly kind: "train"; readonly job: WorkerJob }
  | { readonly kind: "values" | "checkpoint" };

/** Messages from a thread. */
export type ThreadAnswer =
  | { readonly kind: "begun"; readonly resumedEpochs: number | undefined }
  | { readonly kind: "progress"; readonly progress: LevelProgress }
  | { readonly kind: "values"; readonly values: Float32Array<ArrayBuffer> }
  | { readonly kind: "checkpoint"; readonly checkpoint: LevelCheckpoint }
  | { readonly kind: "done"; readonly result: WorkerResult };

/** A thread, from its owner's side; the platform implements it. */
export interface Thread {
  post(order: ThreadOrder): void;
  /** Whether the process waits for this thread before it exits. */
  keepsProcessAlive(isAlive: boolean): void;
  terminate(): void;
}

/** Callbacks of the owner of a thread, called by the platform. */
export interface ThreadEvents {
  answer(answer: ThreadAnswer): void;
  /** Called when the thread has ended, or has failed and will end. */
  ended(reason: string): void;
}

/** Starts a thread that runs {@link serveThread}. */
export type StartThread = (events: ThreadEvents) => Thread;

/**
 * Handles the orders of the owner, on the thread. The platform reports errors. During a level, the thread receives
 * orders only when it reports progress, so an answer takes until then.
 */
export function serveThread(
  answer: (answer: ThreadAnswer, transfer: ArrayBuffer[]) => void,
): (order: ThreadOrder) => void {
  let trainer: LevelTrainer | undefined;
  const wanted = new Set<"values" | "checkpoint">();
  const observe = async (now: WorkerNow) => {
    if (now.progress) answer({ kind: "progress", progress: now.progress }, []);
    await nextTurn();
    if (wanted.delete("values")) {
      const values = now.values();
      answer({ kind: "values", values }, [values.buffer]);
    }
    if (wanted.delete("checkpoint")) {
      const checkpoint = now.checkpoint();
      const { kernels: _, counts: _2, ...arrays } = checkpoint;
      answer(
        { kind: "checkpoint", checkpoint },
        Object.values(arrays).map(({ buffer }) => buffer),
      );
    }
  };
  const train = async (job: WorkerJob) => {
    invariant(trainer, "a thread must open its plan before it trains");
    // A request that arrived after the end of the last level was answered with its result.
    wanted.clear();
    const begun = (resumedEpochs: number | undefined) => answer({ kind: "begun", resumedEpochs }, []);
    const result = await trainer.train(job, observe, begun);
    answer({ kind: "done", result }, [result.values.buffer]);
  };
  return (order) => {
    switch (order.kind) {
      case "open":
        trainer = new LevelTrainer(order.plan);
        break;
      case "train":
        train(order.job).catch((error) =>
          // Thrown as an error of the thread, not as a rejection: browsers report only the former to the owner of the
          // thread.
          queueMicrotask(() => {
            throw error;
          }),
        );
        break;
      case "values":
      case "checkpoint":
        wanted.add(order.kind);
        break;
      default:
        order satisfies never;
    }
  };
}

/** The level that a thread trains. */
interface Pending {
  readonly done: (result: WorkerResult) => void;
  readonly failed: (error: unknown) => void;
  readonly observe: ((progress: LevelProgress) => void) | undefined;
  readonly begun: ((resumedEpochs: number | undefined) => void) | undefined;
  /** Open requests for the current values, and for the current state. */
  readonly valueRequests: Request<Float32Array<ArrayBuffer>>[];
  readonly checkpointRequests: Request<LevelCheckpoint | undefined>[];
}

interface Request<Answer> {
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/** Trains levels on its own thread; the process may exit while the thread is idle. */
export class ThreadWorker implements LevelWorker {
  readonly #thread: Thread;
  #pending: Pending | undefined;
  /** The error that ended the thread; further levels are rejected with it. */
  #ended: DeviceError | undefined;

  /** @param name name of the thread in error messages: `CPU thread 2` */
  constructor(
    readonly name: string,
    start: StartThread,
    plan: TrainingPlan,
  ) {
    this.#thread = start({
      answer: (answer) => this.#handle(answer),
      ended: (reason) => this.#end(new DeviceError(`${this.name} ${reason}`)),
    });
    this.#thread.post({ kind: "open", plan });
    this.#thread.keepsProcessAlive(false);
  }

  train(
    job: WorkerJob,
    observe?: (progress: LevelProgress) => void,
    begun?: (resumedEpochs: number | undefined) => void,
  ): Promise<WorkerResult> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#thread.keepsProcessAlive(true);
    return new Promise((done, failed) => {
      this.#pending = { done, failed, observe, begun, valueRequests: [], checkpointRequests: [] };
      this.#thread.post({ kind: "train", job });
    });
  }

  async values(): Promise<Float32Array<ArrayBuffer>> {
    if (this.#ended) throw this.#ended;
    const pending = this.#pending;
    invariant(pending, `${this.name}: values requested while it trains no level`);
    return new Promise((done, failed) => {
      pending.valueRequests.push({ done, failed });
      if (pending.valueRequests.length === 1) this.#thread.post({ kind: "values" });
    });
  }

  async checkpoint(): Promise<LevelCheckpoint | undefined> {
    if (this.#ended) throw this.#ended;
    const pending = this.#pending;
    if (!pending) return undefined;
    return new Promise((done, failed) => {
      pending.checkpointRequests.push({ done, failed });
      if (pending.checkpointRequests.length === 1) this.#thread.post({ kind: "checkpoint" });
    });
  }

  close(): void {
    this.#end(new DeviceError(`${this.name} was closed`));
    this.#thread.terminate();
  }

  #handle(answer: ThreadAnswer): void {
    const pending = this.#pending;
    if (!pending) return;
    if (answer.kind === "progress" || answer.kind === "begun") {
      try {
        if (answer.kind === "progress") pending.observe?.(answer.progress);
        else pending.begun?.(answer.resumedEpochs);
      } catch (error) {
        // An error of the observer fails the level. The thread cannot stop the level, so it is terminated.
        pending.failed(error);
        this.close();
      }
      return;
    }
    if (answer.kind === "values") {
      for (const { done } of pending.valueRequests.splice(0)) done(answer.values.slice());
      return;
    }
    if (answer.kind === "checkpoint") {
      for (const { done } of pending.checkpointRequests.splice(0)) done(answer.checkpoint);
      return;
    }
    this.#pending = undefined;
    this.#thread.keepsProcessAlive(false);
    for (const { done } of pending.valueRequests) done(answer.result.values.slice());
    for (const { done } of pending.checkpointRequests) done(undefined);
    pending.done(answer.result);
  }

  #end(error: DeviceError): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return;
    for (const { failed } of [...pending.valueRequests, ...pending.checkpointRequests]) failed(this.#ended);
    pending.failed(this.#ended);
  }
}
