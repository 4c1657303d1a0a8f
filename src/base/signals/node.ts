import { readFileSync } from "node:fs";

/**
 * Variable for a process whose parent was told to ignore SIGHUP: Node starts every child with the default, which is to
 * end.
 */
export const hangUpVariable = "SPLIT_TICKET_IGNORES_HANGUP";

let signals: readonly NodeJS.Signals[] | undefined;

/**
 * The signals that ask this process to end: Ctrl-C, the system or a scheduler, a terminal that was closed. The last is left out
 * where the process was started to outlive its terminal (`nohup`), because listening would undo that.
 */
export function endSignals(): readonly NodeJS.Signals[] {
  signals ??= ["SIGINT", "SIGTERM", ...(ignoresHangUp() ? [] : (["SIGHUP"] as const))];
  return signals;
}

/**
 * Whether SIGHUP was ignored when this process started; asked before anything listens. Where the system does not tell, only a
 * process that talks to a terminal listens.
 */
function ignoresHangUp(): boolean {
  if (process.env[hangUpVariable]) return true;
  try {
    const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    if (ignored !== undefined) return (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    // Not Linux.
  }
  return process.platform !== "win32" && !process.stderr.isTTY;
}
