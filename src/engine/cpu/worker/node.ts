import { nodeThreads } from "../../../base/threads/node.ts";
import script from "../thread/node.ts?script";
import type { StartThread } from "../thread.ts";

/** Starts a worker thread in Node. The bundle contains the script as text, so no second file is needed. */
export const startNodeThread: StartThread = nodeThreads(script);
