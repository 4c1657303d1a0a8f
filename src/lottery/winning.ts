/**
 * Whether a level's ticket wins: every task's validation accuracy is at least that task's at level 0 minus a tolerance.
 * @param accuracy, dense accuracy by task name, of the level and of level 0
 * @param tolerance share of the samples, from 0
 */
export function isWinning(
  accuracy: Readonly<Record<string, number>>,
  dense: Readonly<Record<string, number>>,
  tolerance: number,
): boolean {
  // Half a part in 10^9 forgives the rounding of a - t, far below one sample in any dataset.
  return Object.entries(dense).every(([task, before]) => accuracy[task] >= before - tolerance - 5e-10);
}
