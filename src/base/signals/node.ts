import { readFileSync, readlinkSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Whether this process, or the one that started it, was started by `nohup` to outlive its terminal. Node undoes what `nohup`
 * does, to ignore SIGHUP, so it is told by what else it does: standard input is `/dev/null` and cannot be read. Linux only.
 */
function isUnderNohup(): boolean {
  try {
    const [, flags] = /^flags:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/fdinfo/0", "latin1")) ?? [];
    // The lowest two bits: 0 to read, 1 to write, 2 both.
    return readlinkSync("/proc/self/fd/0") === "/dev/null" && (Number.parseInt(flags ?? "0", 8) & 3) === 1;
  } catch {
    return false;
  }
}

/** Ignores SIGHUP where `nohup` asked for it. */
export function obeyNohup(): void {
  if (isUnderNohup()) process.on("SIGHUP", () => {});
}

/**
 * At its end Node gives a terminal back the settings that it found, and aborts where the terminal is gone (Node 20 to 24). A process
 * whose terminal was closed ends by SIGHUP instead, as it would without us, after all else is done.
 */
export function endWithTerminal(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("exit", () => {
    if (terminals.every((descriptor) => isatty(descriptor))) return;
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
}

/**
 * The signals that ask this process to end: Ctrl-C, the system or a scheduler, and a terminal that was closed unless the
 * process is to outlive it.
 */
export function endSignals(): readonly NodeJS.Signals[] {
  return isUnderNohup() ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}
