import { Worker } from "node:worker_threads";
import script from "../thread/node.ts?script";
import type { StartThread } from "../thread.ts";

/** Starts a worker thread in Node. The bundle contains the script as text, so no second file is needed. */
export const startNodeThread: StartThread = (events) => {
  const worker = new Worker(script, { eval: true, stdin: false });
  worker.on("message", events.answer);
  worker.on("messageerror", (error) => events.ended(`sent an unreadable message: ${error.message}`));
  worker.on("error", (error) => events.ended(`failed: ${error.message}`));
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
