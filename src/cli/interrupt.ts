/** The user, or the system, ended the command; exit code 130. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Signals this close to the first are the same one: a terminal and the parent process both pass it on. */
const echoMs = 1000;
/** How long a write that is under way has to end; training is not waited for. */
const graceMs = 1000;

/**
 * Does work that SIGINT or SIGTERM ends: the first aborts the work's signal, a later one leaves at once.
 * @param message what an interrupted user is told
 * @throws Interrupted; work that has not ended by then may still be going on, so the process is to exit
 */
export async function untilInterrupted<T>(message: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let interruptedAt: number | undefined;
  let grace: NodeJS.Timeout | undefined;
  let giveUp: (reason: Interrupted) => void;
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const onSignal = () => {
    const reason = new Interrupted(message);
    const now = performance.now();
    if (interruptedAt === undefined) {
      interruptedAt = now;
      controller.abort(reason);
      grace = setTimeout(() => giveUp(reason), graceMs);
    } else if (now - interruptedAt > echoMs) giveUp(reason);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await Promise.race([work(controller.signal), interrupted]);
  } finally {
    clearTimeout(grace);
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
