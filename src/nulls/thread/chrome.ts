import type { Shape } from "../../base/shape.ts";
import { chromeThreads } from "../../base/threads/chrome.ts";
import { Mask } from "../../mask/mask.ts";
import type { NullRequest, NullTest } from "../null_test.ts";
import { type NullTester, threadedTester } from "../tester.ts";
import { type NullOrder, serveNullThread } from "../threads.ts";

/** A ticket to hold against masks by chance, by this worker and those that it starts. */
export interface TestOrder {
  readonly kind: "test";
  /** Of the answer. */
  readonly id: number;
  readonly cores: number;
  readonly shape: Shape;
  readonly words: Uint32Array;
  readonly rest: Omit<NullRequest, "hear" | "mask">;
}

/** What came out, or a message that says what was wrong. */
export interface TestAnswer {
  readonly id: number;
  readonly test?: NullTest;
  readonly error?: string;
}

/** Script of a dedicated worker in a browser. */
const measure = serveNullThread((values, transfer) => self.postMessage(values, { transfer }));
let tester: NullTester | undefined;

self.addEventListener("message", ({ data }: MessageEvent<TestOrder | NullOrder>) => {
  if (!("kind" in data)) {
    measure(data);
    return;
  }
  const { id, cores, shape, words, rest } = data;
  tester ??= threadedTester(chromeThreads("null_thread.js"), cores);
  tester.test({ ...rest, mask: new Mask(shape, words) }).then(
    (test) => self.postMessage({ id, test } satisfies TestAnswer),
    (error: unknown) => self.postMessage({ id, error: String(error) } satisfies TestAnswer),
  );
});
