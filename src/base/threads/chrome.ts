import type { StartThread } from "./thread.ts";

/**
 * Starts dedicated workers in a browser.
 * @param script name of the file, in the folder of the script that starts it
 */
export function chromeThreads<Order, Answer>(script: string): StartThread<Order, Answer> {
  return (events) => {
    const worker = new Worker(new URL(script, import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => events.answer(data));
    worker.addEventListener("messageerror", () => events.ended("sent an unreadable message"));
    worker.addEventListener("error", ({ message }) =>
      events.ended(`failed: ${message || `${script} cannot be loaded`}`),
    );
    return {
      post: (order) => worker.postMessage(order),
      // Not applicable: a page stays alive until its tab is closed.
      keepsProcessAlive: () => {},
      terminate: () => worker.terminate(),
    };
  };
}
