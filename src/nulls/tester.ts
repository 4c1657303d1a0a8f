import { DeviceError } from "../base/errors.ts";
import { type NullRequest, type NullTest, testNulls } from "./null_test.ts";
import { NullThreads, type StartNullThread } from "./threads.ts";

/** Holds tickets against masks by chance, on threads that start when the first is wanted. */
export interface NullTester {
  /** As `testNulls`, without hearing values. */
  readonly test: (request: Omit<NullRequest, "hear">) => Promise<NullTest>;
  /** Ends the threads. */
  readonly close: () => void;
}

/** A tester whose threads measure, while this one prepares and sums up. */
export function threadedTester(start: StartNullThread, cores: number): NullTester {
  const threads = new NullThreads(start, cores);
  return {
    test: async (request) => {
      try {
        return await testNulls(request, threads.measure);
      } catch (error) {
        // A thread has failed. What this one gives is the same.
        if (error instanceof DeviceError) return testNulls(request);
        throw error;
      }
    },
    close: () => threads.close(),
  };
}
