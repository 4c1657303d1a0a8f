import type { Outcome } from "../analysis/outcome.ts";
import type { RunError } from "../base/errors.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** One run of a population. */
export interface RunKey {
  /** Place of the run's spec among those that are run together, from 0. */
  readonly experiment: number;
  readonly seed: number;
}

/** What a run tells while it goes on, as plain values that threads can exchange; command line and page read the same messages. */
export type RunMessage = RunKey &
  (
    | /** A level that was finished earlier was found in the run folder. */ {
        readonly kind: "found";
        readonly record: LevelRecord;
      }
    | { readonly kind: "start"; readonly level: number; readonly remaining: number }
    | {
        readonly kind: "progress";
        readonly level: number;
        /** Epochs done in this level. */
        readonly epochs: number;
        readonly trainLoss: number;
        readonly valLoss: number;
      }
    | { readonly kind: "level"; readonly record: LevelRecord; readonly elapsedMs: number }
    | { readonly kind: "outcome"; readonly outcome: Outcome }
    | /** Training diverged; the other runs go on. */ { readonly kind: "failed"; readonly error: RunError }
  );

/** Offers the weights of a level, to be read at once or not at all. */
export interface WeightsOffer extends RunKey {
  /** `training`: as they are at some step, until the level ends; `trained`: as the level has left them, if read when offered. */
  readonly kind: "training" | "trained";
  readonly level: number;
  readonly weights: () => Promise<Parameters>;
}

/** Everything that an observer hears of the runs of a population. */
export type RunEvent = RunMessage | WeightsOffer;

/** Hears the events of all runs; must not throw. */
export type RunObserver = (event: RunEvent) => void;
