import { chromeThreads } from "../../base/threads/chrome.ts";
import type { StartNullThread } from "../threads.ts";

/** Starts a dedicated worker in a browser that measures nulls. */
export const startChromeNullThread: StartNullThread = chromeThreads("null_thread.js");
