import type { Outcome } from "../analysis/outcome.ts";
import type { RunError } from "../base/errors.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** What a run tells while it goes on; command line and page read the same messages. */
export type RunMessage =
  /** A level that was finished earlier was found in the run folder. */
  | { readonly kind: "found"; readonly seed: number; readonly record: LevelRecord }
  | { readonly kind: "start"; readonly seed: number; readonly level: number; readonly remaining: number }
  | {
      readonly kind: "progress";
      readonly seed: number;
      readonly level: number;
      /** Epochs done in this level. */
      readonly epochs: number;
      readonly trainLoss: number;
      readonly valLoss: number;
    }
  | { readonly kind: "level"; readonly seed: number; readonly record: LevelRecord; readonly elapsedMs: number }
  | { readonly kind: "outcome"; readonly seed: number; readonly outcome: Outcome }
  /** Training diverged; the other runs go on. */
  | { readonly kind: "failed"; readonly seed: number; readonly error: RunError };

/** Hears the messages of all seeds; must not throw. */
export type RunObserver = (message: RunMessage) => void;
