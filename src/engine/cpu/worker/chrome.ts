import type { StartThread } from "../thread.ts";

/** Starts a dedicated worker in a browser. Its script `cpu_thread.js` is in the folder of the script that starts it. */
export const startChromeThread: StartThread = (events) => {
  const worker = new Worker(new URL("cpu_thread.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => events.answer(data));
  worker.addEventListener("messageerror", () => events.ended("sent an unreadable message"));
  worker.addEventListener("error", ({ message }) =>
    events.ended(`failed: ${message || "cpu_thread.js cannot be loaded"}`),
  );
  return {
    post: (order) => worker.postMessage(order),
    // Not applicable: a page stays alive until its tab is closed.
    keepsProcessAlive: () => {},
    terminate: () => worker.terminate(),
  };
};
