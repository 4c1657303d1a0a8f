import { invariant } from "../../base/errors.ts";
import type { BranchedRun } from "../../lottery/branch/branch_run.ts";
import type { MeanInterval } from "../../report/mean_interval.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import type { Kind } from "./published.ts";

/** One training of a ticket, or of a dense network. */
export interface Measured {
  readonly kind: Kind;
  /** Level of the run whose ticket it is; 0 is the dense network. */
  readonly level: number;
  /** Weights left, as a share of those of the dense network. */
  readonly share: number;
  /** Seed of the run. */
  readonly seed: number;
  /** Steps before the evaluation of the lowest validation loss. */
  readonly step: number;
  /** Whether that is the last evaluation of the training, so that a longer one might have a lower loss later. */
  readonly isLast: boolean;
  /** Test accuracy there, mean over the tasks. */
  readonly accuracy: number;
}

/** Every training of some runs and of their branches; the runs' levels are tickets. */
export function measuredLevels(sources: readonly BranchedRun[]): Measured[] {
  return sources.flatMap(({ seed, levels, branches }) => {
    const dense = levels[0].remaining;
    const measured = (kind: Kind, record: LevelRecord): Measured => ({
      kind,
      level: record.sourceLevel ?? record.level,
      share: record.remaining / dense,
      seed,
      ...atEarlyStopping(record),
    });
    return [
      ...levels.map((record) => measured("ticket", record)),
      ...branches.flatMap(({ kind, levels: own }) => own.map((record) => measured(kind as Kind, record))),
    ];
  });
}

/** The weights that are kept are those of the early-stopping step, so that test accuracy is of that step. */
function atEarlyStopping({ keptStep, earlyStoppingStep, steps, testAccuracy }: LevelRecord) {
  invariant(
    earlyStoppingStep !== undefined && keptStep === earlyStoppingStep && testAccuracy,
    "a level without test accuracy at its early-stopping step",
  );
  const scores = Object.values(testAccuracy);
  return { step: earlyStoppingStep, isLast: earlyStoppingStep === steps, accuracy: meanOf(scores) };
}

/** How far the share of a level may be from a stated one, as a factor: the sizes of two levels differ by 1.25. */
const sameSize = 1.1;

/** The level whose share of the weights is nearest to a stated one; undefined where none is near. */
export function levelAt(measured: readonly Measured[], share: number): number | undefined {
  const distance = (each: Measured) => Math.abs(Math.log(each.share / share));
  const [nearest] = measured.toSorted((a, b) => distance(a) - distance(b));
  return nearest && distance(nearest) <= Math.log(sameSize) ? nearest.level : undefined;
}

/** The trainings of a kind at a level, those of one run together. */
export function byRun(measured: readonly Measured[], kind: Kind, level: number): Measured[][] {
  const runs = new Map<number, Measured[]>();
  for (const each of measured) {
    if (each.kind === kind && each.level === level) runs.set(each.seed, [...(runs.get(each.seed) ?? []), each]);
  }
  return [...runs.values()];
}

/** A mean and its bounds in another unit, by an increasing function. */
export function mapped({ mean, low, high, count }: MeanInterval, to: (value: number) => number): MeanInterval {
  return low === null ? { mean: to(mean), low, high, count } : { mean: to(mean), low: to(low), high: to(high), count };
}

export const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
