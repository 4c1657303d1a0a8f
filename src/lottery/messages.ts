import type { Outcome } from "../analysis/outcome.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { RunFailure } from "./failure.ts";

/** Identifies a run of a population. */
export interface RunKey {
  /** Index of the run's spec among the specs of the population, from 0. */
  readonly experiment: number;
  readonly seed: number;
}

/**
 * Messages of a run in progress: plain values that threads can exchange, the same for the command line and the page.
 */
export type RunMessage = RunKey &
  (
    | /** Files of an earlier process were not what the run wrote; what they held is made again. */ {
        readonly kind: "damaged";
        /** A text for each: the file, and what is wrong with it. */
        readonly problems: readonly string[];
        /** Number of levels that were finished, and of the first of them that are kept. */
        readonly finished: number;
        readonly kept: number;
      }
    | /** A finished level of an earlier process was found in the run folder. */ {
        readonly kind: "found";
        readonly record: LevelRecord;
      }
    | { readonly kind: "start"; readonly level: number; readonly remaining: number }
    | {
        readonly kind: "progress";
        readonly level: number;
        /** Numbers of finished epochs and of steps of this level. */
        readonly epochs: number;
        readonly steps: number;
        readonly trainLoss: number;
        readonly valLoss: number;
      }
    | /** The machine has failed during a level, which is trained again. */ {
        readonly kind: "restarted";
        readonly level: number;
        /** One line: `CPU thread 2 failed: ..`. */
        readonly cause: string;
      }
    | /** What became of the checkpoint of a level: the level continues from it, or why not. */ {
        readonly kind: "checkpoint";
        readonly level: number;
        /** A sentence without its full stop: `level 3 continues at epoch 120`, or `at step 1200` where its spec counts steps. */
        readonly text: string;
      }
    | /** The run folder holds a checkpoint of the level in training. */ {
        readonly kind: "stored";
        readonly level: number;
      }
    | { readonly kind: "level"; readonly record: LevelRecord; readonly elapsedMs: number }
    | { readonly kind: "outcome"; readonly outcome: Outcome }
    | /** The run failed; the other runs continue. */ { readonly kind: "failed"; readonly error: RunFailure }
  );

/** A function that reads the weights of a level. It must be called during the event or not at all. */
export interface WeightsOffer extends RunKey {
  /**
   * `training`: reads the current weights, until the level ends; `trained`: reads the trained weights, during the event
   * only.
   */
  readonly kind: "training" | "trained";
  readonly level: number;
  readonly weights: () => Promise<Parameters>;
}

/** All events of the runs of a population. */
export type RunEvent = RunMessage | WeightsOffer;

/** Receives the events of all runs; must not throw. */
export type RunObserver = (event: RunEvent) => void;
