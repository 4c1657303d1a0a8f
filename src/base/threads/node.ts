import { Worker, type WorkerOptions } from "node:worker_threads";
import type { StartThread } from "./thread.ts";

/**
 * Starts worker threads in Node that run a script.
 * @param text of the script
 */
export function nodeThreads<Order, Answer>(text: string, options: WorkerOptions = {}): StartThread<Order, Answer> {
  return (events) => {
    const worker = new Worker(text, { ...options, eval: true, stdin: false });
    worker.on("message", events.answer);
    worker.on("messageerror", (error) => events.ended(`sent an unreadable message: ${error.message}`));
    // A thread may throw any value.
    worker.on("error", (error: unknown) => events.ended(`failed: ${error instanceof Error ? error.message : error}`));
    worker.on("exit", (code) => events.ended(`ended with exit code ${code}`));
    return {
      post: (order) => worker.postMessage(order),
      keepsProcessAlive: (isAlive) => {
        if (isAlive) worker.ref();
        else worker.unref();
      },
      terminate: () => void worker.terminate(),
    };
  };
}
