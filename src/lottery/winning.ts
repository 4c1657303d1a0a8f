/**
 * Whether the ticket of a level is winning: each task's validation accuracy is at least its accuracy at level 0 minus a
 * tolerance.
 * @param accuracy accuracy of the level by task name
 * @param dense accuracy of level 0 by task name
 * @param tolerance share of the samples, from 0
 */
export function isWinning(
  accuracy: Readonly<Record<string, number>>,
  dense: Readonly<Record<string, number>>,
  tolerance: number,
): boolean {
  // 5e-10 covers the rounding of the subtraction; it is far below one sample of any dataset.
  return Object.entries(dense).every(([task, before]) => accuracy[task] >= before - tolerance - 5e-10);
}
