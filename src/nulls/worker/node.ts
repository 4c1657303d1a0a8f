import { nodeThreads } from "../../base/threads/node.ts";
import script from "../thread/node.ts?script";
import type { StartNullThread } from "../threads.ts";

/** Starts a worker thread in Node that measures nulls. */
export const startNodeNullThread: StartNullThread = nodeThreads(script);
