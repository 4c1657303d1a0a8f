import { DeviceError, invariant } from "../../base/errors.ts";
import { nextTurn } from "../../base/next_turn.ts";
import { weightCount } from "../../base/shape.ts";
import type * as threads from "../../base/threads/thread.ts";
import type { LevelCheckpoint, LevelProgress } from "../engine.ts";
import { type LevelWorker, ThreadError, type WorkerJob, type WorkerNow, type WorkerResult } from "./level_worker.ts";
import { hostDatasetBytes, type TrainingPlan } from "./sizes.ts";
import { LevelTrainer } from "./trainer.ts";

/**
 * Messages to a thread: `open` once with its plan, `train` for each level; during training `values` to request the
 * parameters, and `checkpoint` the state.
 */
export type ThreadOrder =
  | { readonly kind: "open"; readonly plan: TrainingPlan }
  | { readonly kind: "train"; readonly job: WorkerJob }
  | { readonly kind: "values" | "checkpoint" };

/**
 * Messages from a thread: `opened` once, when it is ready; `begun` for each level; `progress` at intervals while it
 * trains, or `alive` before the first epoch has ended.
 */
export type ThreadAnswer =
  | { readonly kind: "opened" }
  | { readonly kind: "begun"; readonly resumedEpochs: number | undefined }
  | { readonly kind: "alive" }
  | { readonly kind: "progress"; readonly progress: LevelProgress }
  | { readonly kind: "values"; readonly values: Float32Array<ArrayBuffer> }
  | { readonly kind: "checkpoint"; readonly checkpoint: LevelCheckpoint }
  | { readonly kind: "done"; readonly result: WorkerResult };

/** Callbacks of the owner of a thread. */
export type ThreadEvents = threads.ThreadEvents<ThreadAnswer>;

/** Starts a thread that runs {@link serveThread}. May throw where the system has no further thread. */
export type StartThread = threads.StartThread<ThreadOrder, ThreadAnswer>;

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
    answer(now.progress ? { kind: "progress", progress: now.progress } : { kind: "alive" }, []);
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
        answer({ kind: "opened" }, []);
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

/** How long the owner of a thread waits for a sign of it. */
export interface Watch {
  /** Time between two looks in ms. */
  readonly lookMs: number;
  /** Number of looks in a row without a message from a thread that trains, after which it is terminated. */
  readonly mostSilent: number;
}

/** Number of batches that a thread may train between two messages, of which it sends one after each long batch. */
const mostBatches = 16;
/** Multiply-adds a second of a thread that is far slower than any that was measured (5e9). */
const slowestRate = 1e8;

/**
 * A minute, and longer for plans whose work between two messages takes longer on a very slow thread: the dataset is
 * loaded, or some batches are trained. Looks are counted, not time: a process that was suspended, or
 * whose event loop was busy, makes no looks meanwhile, so the thread is given the time that it lost as well.
 */
export function defaultWatch({ networks, dataset }: TrainingPlan): Watch {
  // A step takes 3 multiply-adds for each weight and sample.
  const steps = networks.map(
    ({ shape, batch }) => 3 * weightCount(shape) * Math.min(batch, dataset.train.samples) * mostBatches,
  );
  const work = Math.max(hostDatasetBytes(dataset), ...steps);
  return { lookMs: 1000, mostSilent: 60 + Math.ceil(work / slowestRate) };
}

/** Trains levels on its own thread; the process may exit while the thread is idle. */
export class ThreadWorker implements LevelWorker {
  readonly #watch: Watch;
  #thread: threads.Thread<ThreadOrder> | undefined;
  #pending: Pending | undefined;
  /** Whether the thread has opened its plan. */
  #hasOpened = false;
  /** The error that ended the thread; further levels are rejected with it. */
  #ended: DeviceError | undefined;
  /** Looks at the thread while it trains. */
  #looks: ReturnType<typeof setInterval> | undefined;
  /** Number of looks since its last message. */
  #silent = 0;

  /** @param name name of the thread in error messages: `CPU thread 2` */
  constructor(
    readonly name: string,
    start: StartThread,
    plan: TrainingPlan,
    watch: Watch = defaultWatch(plan),
  ) {
    this.#watch = watch;
    try {
      this.#thread = start({
        answer: (answer) => this.#handle(answer),
        ended: (reason) => this.#fail(reason),
      });
      this.#thread.post({ kind: "open", plan });
      this.#thread.keepsProcessAlive(false);
    } catch (error) {
      this.#fail(`cannot be started: ${(error as Error).message}`);
    }
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  train(
    job: WorkerJob,
    observe?: (progress: LevelProgress) => void,
    begun?: (resumedEpochs: number | undefined) => void,
  ): Promise<WorkerResult> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((done, failed) => {
      this.#pending = { done, failed, observe, begun, valueRequests: [], checkpointRequests: [] };
      this.#silent = 0;
      this.#looks = setInterval(() => this.#look(), this.#watch.lookMs);
      this.#thread?.keepsProcessAlive(true);
      this.#thread?.post({ kind: "train", job });
    });
  }

  async values(): Promise<Float32Array<ArrayBuffer>> {
    if (this.#ended) throw this.#ended;
    const pending = this.#pending;
    invariant(pending, `${this.name}: values requested while it trains no level`);
    return new Promise((done, failed) => {
      pending.valueRequests.push({ done, failed });
      if (pending.valueRequests.length === 1) this.#thread?.post({ kind: "values" });
    });
  }

  async checkpoint(): Promise<LevelCheckpoint | undefined> {
    if (this.#ended) throw this.#ended;
    const pending = this.#pending;
    if (!pending) return undefined;
    return new Promise((done, failed) => {
      pending.checkpointRequests.push({ done, failed });
      if (pending.checkpointRequests.length === 1) this.#thread?.post({ kind: "checkpoint" });
    });
  }

  close(): void {
    this.#end(new DeviceError(`${this.name} was closed`));
  }

  #look(): void {
    const { lookMs, mostSilent } = this.#watch;
    if (++this.#silent <= mostSilent) return;
    this.#fail(`gave no sign for ${Math.round((mostSilent * lookMs) / 1000)} s while it trained`);
  }

  #handle(answer: ThreadAnswer): void {
    this.#silent = 0;
    if (answer.kind === "opened") this.#hasOpened = true;
    const pending = this.#pending;
    if (!pending) return;
    switch (answer.kind) {
      case "opened":
      case "alive":
        break;
      case "begun":
      case "progress":
        try {
          if (answer.kind === "progress") pending.observe?.(answer.progress);
          else pending.begun?.(answer.resumedEpochs);
        } catch (error) {
          // An error of the observer fails the level. The thread cannot stop the level, so it is terminated.
          pending.failed(error);
          this.close();
        }
        break;
      case "values":
        for (const { done } of pending.valueRequests.splice(0)) done(answer.values.slice());
        break;
      case "checkpoint":
        for (const { done } of pending.checkpointRequests.splice(0)) done(answer.checkpoint);
        break;
      case "done":
        this.#idle();
        for (const { done } of pending.valueRequests) done(answer.result.values.slice());
        for (const { done } of pending.checkpointRequests) done(undefined);
        pending.done(answer.result);
        break;
      default:
        answer satisfies never;
    }
  }

  #idle(): void {
    this.#pending = undefined;
    clearInterval(this.#looks);
    this.#thread?.keepsProcessAlive(false);
  }

  #fail(reason: string): void {
    this.#end(new ThreadError(`${this.name} ${reason}`, this.#hasOpened));
  }

  /** Ends the thread, whatever it does, and rejects its level. */
  #end(error: DeviceError): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#idle();
    this.#thread?.terminate();
    if (!pending) return;
    for (const { failed } of [...pending.valueRequests, ...pending.checkpointRequests]) failed(this.#ended);
    pending.failed(this.#ended);
  }
}
