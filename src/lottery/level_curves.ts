import type { Dataset } from "../dataset/dataset.ts";
import type { LevelCurves } from "../engine/engine.ts";
import { losses } from "../loss/index.ts";
import type { LevelCurvesRecord } from "../store/level_curves.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { classCounts, isClassification, labelWords, meanRecall } from "./scores.ts";

/**
 * The stored curves of a level: its losses, and each task's scores at every evaluation.
 * @param record of the level
 */
export function levelCurves(
  { level, steps, evaluations }: Pick<LevelRecord, "level" | "steps" | "evaluations">,
  curves: LevelCurves,
  { tasks, validation }: Dataset,
): LevelCurvesRecord {
  const { trainLoss, valLoss, scoreSums } = curves;
  const valAccuracy: Record<string, number[]> = {};
  const valBalancedAccuracy: Record<string, number[]> = {};
  tasks.forEach((task, t) => {
    const words = labelWords(validation, t);
    const { scale, score } = losses.get(task.kind);
    const reference = scale(words);
    valAccuracy[task.name] = scoreSums.map((sums) => score(sums[t], reference));
    if (!isClassification(task)) return;
    const counts = classCounts(task, words);
    valBalancedAccuracy[task.name] = scoreSums.map((sums) => meanRecall(sums[t], counts));
  });
  const evaluatedAt = evaluations && trainLoss.map((_, k) => ((k + 1) * steps) / evaluations);
  return { level, ...(evaluatedAt && { steps: evaluatedAt }), trainLoss, valLoss, valAccuracy, valBalancedAccuracy };
}
