import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { errorCode } from "../../base/system_errors.ts";
import type { ProcessIdentity } from "../lock/lock_record.ts";
import type { Processes, ProcessState } from "../lock/processes.ts";

/** What the system tells about a process: a letter for its state, and when it started; empty where it does not tell. */
interface ProcessFacts {
  readonly letter: string;
  readonly start: string | undefined;
}

/** `/proc/<pid>/stat`: number, name in parentheses, state, and as field 22 the start in clock ticks since the boot. */
async function factsOfLinux(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "latin1");
    // The name may contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { letter: fields[0], start: fields[19] };
  } catch {
    return undefined;
  }
}

/** `ps` of macOS and the BSDs. The same language and time zone for all, because the start is compared as a text. */
async function factsOfPs(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    const [, letter, start] = /^\s*(\S)\S*\s+(.+?)\s*$/.exec(stdout) ?? [];
    return letter === undefined ? undefined : { letter, start };
  } catch {
    return undefined;
  }
}

const factsOf: (pid: number) => Promise<ProcessFacts | undefined> =
  process.platform === "linux" ? factsOfLinux : process.platform === "win32" ? async () => undefined : factsOfPs;

async function textOf(reading: Promise<string>): Promise<string | undefined> {
  try {
    return (await reading).trim();
  } catch {
    return undefined;
  }
}

let own: Promise<ProcessIdentity> | undefined;

/** The processes of this machine: of Linux with their start times, of Windows only whether they are there. */
export const nodeProcesses: Processes = {
  self: () => {
    own ??= (async () => ({
      host: hostname(),
      pid: process.pid,
      start: (await factsOf(process.pid))?.start,
      boot: await textOf(readFile("/proc/sys/kernel/random/boot_id", "latin1")),
      namespace: await textOf(readlink("/proc/self/ns/pid")),
    }))();
    return own;
  },

  async state({ pid, start }): Promise<ProcessState> {
    try {
      process.kill(pid, 0);
    } catch (error) {
      // EPERM: it is there and another user's.
      if (errorCode(error) === "ESRCH") return "gone";
    }
    const facts = await factsOf(pid);
    if (!facts) return "running";
    // Z: ended, but its parent has not asked for its exit code; X: about to be.
    if (["Z", "X"].includes(facts.letter)) return "gone";
    if (start !== undefined && facts.start !== undefined && facts.start !== start) return "gone";
    return ["T", "t"].includes(facts.letter) ? "stopped" : "running";
  },
};
