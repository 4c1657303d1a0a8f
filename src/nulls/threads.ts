import { DeviceError } from "../base/errors.ts";
import type * as threads from "../base/threads/thread.ts";
import type { MeasureNulls } from "./null_test.ts";
import { type NullPlan, NullSource } from "./plan.ts";
import { statistics } from "./statistics.ts";

/** Nulls of one model by their numbers. */
interface Block {
  readonly plan: NullPlan;
  readonly model: string;
  readonly first: number;
  readonly count: number;
}

/** A message to a thread: a block to measure. */
export type NullOrder = Block;
/** The values of a block, `[statistic][null]`. */
export type NullAnswer = Float64Array<ArrayBuffer>;

/** Starts a thread that runs {@link serveNullThread}. */
export type StartNullThread = threads.StartThread<NullOrder, NullAnswer>;

/** Handles the orders of the owner, on the thread. */
export function serveNullThread(
  answer: (values: NullAnswer, transfer: ArrayBuffer[]) => void,
): (order: NullOrder) => void {
  return ({ plan, model, first, count }) => {
    const values = new NullSource(plan).values(model, first, count);
    answer(values, [values.buffer]);
  };
}

/** Blocks for each thread, so that none waits long for another. */
const blocksPerThread = 4;
/** Fewest nulls of a block: each repeats what is made once for a plan. */
const fewestInBlock = 100;

/** Threads that measure nulls, which start when the first are wanted. What they give does not depend on their number. */
export class NullThreads {
  readonly #start: StartNullThread;
  readonly #threads: BlockThread[] = [];

  /** @param most threads to use, at least 1 */
  constructor(
    start: StartNullThread,
    readonly most: number,
  ) {
    this.#start = start;
  }

  /**
   * Measures the nulls of a plan.
   * @throws DeviceError when a thread fails
   */
  readonly measure: MeasureNulls = async (plan, model, count) => {
    const size = Math.max(fewestInBlock, Math.ceil(count / (this.most * blocksPerThread)));
    const blocks = Array.from({ length: Math.ceil(count / size) }, (_, block) => ({
      ...{ plan, model, first: block * size },
      count: Math.min(size, count - block * size),
    }));
    while (this.#threads.length < Math.min(this.most, blocks.length)) this.#threads.push(new BlockThread(this.#start));
    const rows = statistics.entries.length;
    const values = new Float64Array(rows * count);
    let next = 0;
    const work = async (thread: BlockThread) => {
      while (next < blocks.length) {
        const block = blocks[next++];
        const measured = await thread.measure(block);
        for (let row = 0; row < rows; row++) {
          values.set(measured.subarray(row * block.count, (row + 1) * block.count), row * count + block.first);
        }
      }
    };
    await Promise.all(this.#threads.map(work));
    return values;
  };

  /** Starts the threads, so that they are ready when nulls are wanted. */
  begin(): this {
    while (this.#threads.length < this.most) this.#threads.push(new BlockThread(this.#start));
    return this;
  }

  /** Ends the threads. */
  close(): void {
    for (const thread of this.#threads.splice(0)) thread.close();
  }
}

/** A thread that measures one block at a time, in the order of the requests. */
class BlockThread {
  readonly #thread: threads.Thread<NullOrder>;
  #before: Promise<unknown> = Promise.resolve();
  #pending: { readonly done: (values: NullAnswer) => void; readonly failed: (error: unknown) => void } | undefined;
  #ended: DeviceError | undefined;

  constructor(start: StartNullThread) {
    this.#thread = start({
      answer: (values) => {
        const pending = this.#pending;
        this.#rest();
        pending?.done(values);
      },
      ended: (reason) => this.#end(new DeviceError(`a thread that measures null models ${reason}`)),
    });
    this.#thread.keepsProcessAlive(false);
  }

  measure(block: Block): Promise<NullAnswer> {
    const measured = this.#before.then(() => this.#measure(block));
    this.#before = measured.catch(() => {});
    return measured;
  }

  #measure(block: Block): Promise<NullAnswer> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((done, failed) => {
      this.#pending = { done, failed };
      this.#thread.keepsProcessAlive(true);
      this.#thread.post(block);
    });
  }

  close(): void {
    this.#end(new DeviceError("the threads that measure null models were closed"));
    this.#thread.terminate();
  }

  #end(error: DeviceError): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#rest();
    pending?.failed(this.#ended);
  }

  #rest(): void {
    this.#pending = undefined;
    this.#thread.keepsProcessAlive(false);
  }
}
