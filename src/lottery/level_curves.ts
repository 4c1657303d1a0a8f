import type { Dataset } from "../dataset/dataset.ts";
import type { LevelCurves } from "../engine/engine.ts";
import { losses } from "../loss/index.ts";
import type { LevelCurvesRecord } from "../store/level_curves.ts";
import { classCounts, isClassification, labelWords, meanRecall } from "./scores.ts";

/** The stored curves of a level: its losses, and each task's scores after every epoch. */
export function levelCurves(level: number, curves: LevelCurves, { tasks, validation }: Dataset): LevelCurvesRecord {
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
  return { level, trainLoss, valLoss, valAccuracy, valBalancedAccuracy };
}
