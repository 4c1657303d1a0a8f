import { InputError } from "../../base/errors.ts";
import { chromeThreads } from "../../base/threads/chrome.ts";
import type { NullTest } from "../null_test.ts";
import type { NullTester } from "../tester.ts";
import type { TestAnswer, TestOrder } from "../thread/chrome.ts";

/** A test that has no answer yet. */
interface Pending {
  readonly done: (test: NullTest) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A tester in a browser. All is done by a worker, and those that it starts in turn, so that a page whose runs ask for no masks by chance loads
 * nothing of it.
 */
export function chromeNullTester(cores: number): NullTester {
  const pending = new Map<number, Pending>();
  let next = 0;
  const fail = (reason: string) => {
    for (const { failed } of pending.values()) failed(new InputError(`null models: the worker ${reason}`));
    pending.clear();
  };
  const start = () =>
    chromeThreads<TestOrder, TestAnswer>("null_thread.js")({
      answer: ({ id, test, error }) => {
        const asked = pending.get(id);
        pending.delete(id);
        if (test) asked?.done(test);
        else asked?.failed(new InputError(error ?? "null models: no answer"));
      },
      ended: fail,
    });
  let worker: ReturnType<typeof start> | undefined;
  return {
    test: ({ mask: { shape, words }, ...rest }) =>
      new Promise((done, failed) => {
        worker ??= start();
        pending.set(next, { done, failed });
        worker.post({ kind: "test", id: next++, cores, shape, words, rest });
      }),
    close: () => {
      worker?.terminate();
      fail("was closed");
    },
  };
}
