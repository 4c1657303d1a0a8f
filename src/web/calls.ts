/** Calls from a page to its worker, and events back: each call has a number, and its answer bears the same. */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } }
  | { readonly event: unknown };

/** The two ends of a channel look alike: a `Worker` to its page, `self` to the worker. */
interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

type Methods = { readonly [name: string]: (...args: never[]) => Promise<unknown> };

/** Answers calls with an object's methods. Returns what sends events. */
export function serveCalls<Event>(channel: Channel, target: object): (event: Event) => void {
  channel.addEventListener("message", async ({ data }: MessageEvent<Call>) => {
    const { id, method, args } = data;
    try {
      const value = await (target as Methods)[method](...(args as never[]));
      channel.postMessage({ id, value } satisfies Answer);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      channel.postMessage({ id, error: { name, message } } satisfies Answer);
    }
  });
  return (event) => channel.postMessage({ event } satisfies Answer);
}

/** A failure on the other side; `name` is that of its error. */
class CallError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * An object whose methods are carried out on the other side.
 * @param hear takes its events
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
