import type { ProcessIdentity } from "./lock_record.ts";

/** Whether a process is there. A stopped one (SIGSTOP, Ctrl-Z) does nothing, but may go on at any time. */
export type ProcessState = "running" | "stopped" | "gone";

/** What this process knows of itself and of others. */
export interface Processes {
  /** This process. */
  self(): Promise<ProcessIdentity>;
  /** The state of a process of this machine and of the same process numbers as this one. */
  state(of: ProcessIdentity): Promise<ProcessState>;
}

/**
 * Whether the number of a process means the same here: same machine since its last start, same process numbers. Equal host
 * names alone do not say so, because containers and clones of a machine share them.
 */
export function isComparable(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.host === other.host && one.boot === other.boot && one.namespace === other.namespace;
}
