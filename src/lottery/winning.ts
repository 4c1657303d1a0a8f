import type { LevelRecord } from "../store/level_record.ts";
import type { LevelScores } from "./scores.ts";

/** Covers the rounding of means and of subtraction; it is far below one sample of any dataset. */
export const roundingSlack = 5e-10;

/**
 * Whether the ticket of a level is winning: no task is lost, and each task's accuracy and balanced accuracy are at least
 * those of level 0 minus a tolerance.
 * @param dense scores of level 0; a level that an older version stored has no balanced accuracy, which then is not
 * compared
 * @param tolerance share of the samples, from 0
 */
export function isWinning(
  { valAccuracy, valBalancedAccuracy, lost }: LevelScores,
  dense: Pick<LevelRecord, "valAccuracy" | "valBalancedAccuracy">,
  tolerance: number,
): boolean {
  const holds = (scores: Readonly<Record<string, number>>, before: Readonly<Record<string, number>> = {}) =>
    Object.entries(before).every(([task, score]) => scores[task] >= score - tolerance - roundingSlack);
  return (
    lost.length === 0 && holds(valAccuracy, dense.valAccuracy) && holds(valBalancedAccuracy, dense.valBalancedAccuracy)
  );
}
