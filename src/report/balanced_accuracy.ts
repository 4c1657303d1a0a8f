import { formatAccuracy } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** A difference from accuracy that is worth a column: the usual tolerance. */
const worthShowing = 0.01;

/**
 * The tasks whose balanced accuracy differs from their accuracy at some level, by 0.01 or more; of the others, accuracy
 * tells both.
 */
export function unbalancedTasks(levels: readonly LevelRecord[]): string[] {
  return Object.keys(levels[0]?.valAccuracy ?? {}).filter((task) =>
    levels.some((record) => {
      const balanced = balancedAccuracy(record, task);
      return balanced !== undefined && Math.abs(balanced - record.valAccuracy[task]) >= worthShowing;
    }),
  );
}

/** The balanced accuracy of a classification, which may be named as a property of all objects, such as `constructor`. */
export function balancedAccuracy(
  { valBalancedAccuracy = {} }: Pick<LevelRecord, "valBalancedAccuracy">,
  task: string,
): number | undefined {
  return Object.hasOwn(valBalancedAccuracy, task) ? valBalancedAccuracy[task] : undefined;
}

/** The balanced accuracy of a task; `-` where an older version did not store it. */
export function balancedCell(record: LevelRecord, task: string): string {
  const balanced = balancedAccuracy(record, task);
  return balanced === undefined ? "-" : formatAccuracy(balanced);
}

/** A line on the baselines of a run or more. */
export function baselineLine(baselines: Readonly<Record<string, number>>): string {
  return `baseline, at or below which a task is lost: ${listBaselines(baselines)}`;
}

/** `a 0.9833, b 0.5067`: the score of every task that needs no look at the inputs. */
export function listBaselines(baselines: Readonly<Record<string, number>>): string {
  return Object.entries(baselines)
    .map(([task, baseline]) => `${visible(task)} ${formatAccuracy(baseline)}`)
    .join(", ");
}
