import type { PeerCase } from "./cases.ts";

/** What training came to, by which every participant is held against the twins before it is timed. */
export interface Losses {
  /** Of each network: mean over the last epoch of the loss of each batch as it was trained, in nats. */
  readonly train: readonly number[];
  /** Of each network: mean validation loss after the last epoch, in nats. */
  readonly validation: readonly number[];
}

/** One that trains cases: an engine of ours, or a peer in a process of its own. Calls are made one after the other. */
export interface Participant {
  /** Loads a case and trains it once from its initial weights: one epoch, or the whole level of a level's case. */
  open(one: PeerCase, folder: string): Promise<Losses>;
  /**
   * Trains the open case anew, `repeats` epochs (or levels) on end.
   * @returns milliseconds, from enqueuing the first step until the last result was read
   */
  trial(repeats: number): Promise<number>;
  /** Forgets the open case. */
  leave(): Promise<void>;
  /** Ends the participant. */
  close(): void;
}
