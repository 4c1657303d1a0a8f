import type { LevelRecord } from "../../store/level_record.ts";

/** Loss and errors of a network on a split. */
export interface SplitErrors {
  /** By task name: mean over samples; in nats for cross-entropy. */
  readonly lossByTask: Readonly<Record<string, number>>;
  /** Mean over the tasks. */
  readonly loss: number;
  /** By task name: 1 - accuracy, or 1 - R² of a regression. */
  readonly errorByTask: Readonly<Record<string, number>>;
  /** Mean over the tasks. */
  readonly error: number;
}

/** A point of a line between two networks: alpha is 0 at the first and 1 at the second. */
export interface LinePoint {
  readonly alpha: number;
  readonly train: SplitErrors;
  readonly validation: SplitErrors;
}

/** How far errors and losses rise on a line above the mean of its two ends: errors as shares, losses in their unit. */
export type SplitInstability = SplitErrors;

/** The line between two copies of the ticket of a level. */
export interface StabilityLine {
  /** Run folder and seed of the run whose ticket it is. */
  readonly path: string;
  readonly seed: number;
  readonly level: number;
  /** Unpruned weights. */
  readonly weights: number;
  /** Branch seeds of the two copies. */
  readonly copies: readonly [number, number];
  /** Records of the two copies. */
  readonly records: readonly [LevelRecord, LevelRecord];
  readonly instability: { readonly train: SplitInstability; readonly validation: SplitInstability };
  readonly points: readonly LinePoint[];
}
