import { chromeThreads } from "../../../base/threads/chrome.ts";
import type { StartThread } from "../thread.ts";

/** Starts a dedicated worker in a browser. */
export const startChromeThread: StartThread = chromeThreads("cpu_thread.js");
