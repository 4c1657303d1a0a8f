import { nodeThreads } from "../../base/threads/node.ts";
import { type NullTester, threadedTester } from "../tester.ts";
import script from "../thread/node.ts?script";
import type { StartNullThread } from "../threads.ts";

/** Starts a worker thread in Node that measures nulls. */
export const startNodeNullThread: StartNullThread = nodeThreads(script);

/** A tester of this process. */
export const nodeNullTester = (cores: number): NullTester => threadedTester(startNodeNullThread, cores);
