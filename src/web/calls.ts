import { InputError } from "../base/errors.ts";

/** Calls from a page to its worker, and events back: each call has a number, which its answer repeats. */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } }
  | { readonly event: unknown };

/** One end of a channel: the page has a `Worker`, the worker has `self`. */
interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

type Methods = { readonly [name: string]: (...args: never[]) => Promise<unknown> };

/** Answers calls by an object's methods. Returns the function that sends events. */
export function serveCalls<Event>(channel: Channel, target: object): (event: Event) => void {
  channel.addEventListener("message", async ({ data }: MessageEvent<Call>) => {
    const { id, method, args } = data;
    try {
      const value = await (target as Methods)[method](...(args as never[]));
      channel.postMessage({ id, value } satisfies Answer);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const lines = error instanceof InputError ? error.lines : [];
      channel.postMessage({ id, error: { name, message: [message, ...lines].join("\n") } } satisfies Answer);
    }
  });
  return (event) => channel.postMessage({ event } satisfies Answer);
}

/** An error that the other side threw, with its name. */
class CallError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * An object that passes its method calls to the other side.
 * @param hear receives the events
 */
export function callsTo<Target extends object, Event>(channel: Channel, hear: (event: Event) => void): Target {
  const pending = new Map<number, { done(value: unknown): void; failed(error: Error): void }>();
  let next = 0;
  channel.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    if ("event" in data) {
      hear(data.event as Event);
      return;
    }
    const call = pending.get(data.id);
    pending.delete(data.id);
    if ("error" in data) call?.failed(new CallError(data.error.name, data.error.message));
    else call?.done(data.value);
  });
  return new Proxy({} as Target, {
    get: (_, method) => {
      if (typeof method !== "string") return undefined;
      return (...args: unknown[]) =>
        new Promise((done, failed) => {
          pending.set(next, { done, failed });
          channel.postMessage({ id: next++, method, args } satisfies Call);
        });
    },
  });
}
