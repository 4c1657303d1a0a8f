import { endSignals } from "../base/signals/node.ts";

/** A signal ended the command; exit code 130. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** A second signal within this time is the same one: the terminal and the parent process both send it. */
const echoMs = 1000;
/** Time for a write in progress to end, and for a last checkpoint of the levels in training, which go on no further. */
const graceMs = 2000;

/**
 * Does work that SIGINT, SIGTERM or SIGHUP interrupts: the first signal aborts the work's signal, a later one rejects at once.
 * @param message gives that of the error after an interruption, when the work has ended or is given up
 * @throws Interrupted; the work may still be running then, so the process must exit
 */
export async function untilInterrupted<T>(
  message: () => string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let interruptedAt: number | undefined;
  let grace: NodeJS.Timeout | undefined;
  let giveUp: (reason: Interrupted) => void;
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const onSignal = () => {
    const reason = new Interrupted("interrupted");
    const now = performance.now();
    if (interruptedAt === undefined) {
      interruptedAt = now;
      controller.abort(reason);
      grace = setTimeout(() => giveUp(reason), graceMs);
    } else if (now - interruptedAt > echoMs) giveUp(reason);
  };
  const signals = endSignals();
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await Promise.race([work(controller.signal), interrupted]);
  } catch (error) {
    throw error instanceof Interrupted ? new Interrupted(message()) : error;
  } finally {
    clearTimeout(grace);
    // After an interruption the process exits: an echo that comes until then must not kill it with another code.
    if (interruptedAt === undefined) for (const signal of signals) process.off(signal, onSignal);
  }
}
