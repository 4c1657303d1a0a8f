import type { PeerCase } from "./cases.ts";

/** Losses after training; every participant is compared with the twins by them before it is timed. */
export interface Losses {
  /** For each network, the mean training loss over the batches of the last epoch, each before its step, in nats. */
  readonly train: readonly number[];
  /** For each network, the mean validation loss after the last epoch, in nats. */
  readonly validation: readonly number[];
}

/** Trains cases: one of our engines, or a peer in its own process. Calls must not overlap. */
export interface Participant {
  /** Loads a case and trains it once from its initial weights: one epoch, or the whole level if the case is a level. */
  open(one: PeerCase, folder: string): Promise<Losses>;
  /**
   * Trains the open case from its initial weights for `repeats` epochs (or levels) without a pause.
   * @returns milliseconds from the first enqueued step until the last result is read
   */
  trial(repeats: number): Promise<number>;
  /** Closes the open case. */
  leave(): Promise<void>;
  /** Ends the participant. */
  close(): void;
}
