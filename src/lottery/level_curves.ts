import type { Dataset } from "../dataset/dataset.ts";
import type { LevelCurves } from "../engine/engine.ts";
import { losses } from "../loss/index.ts";
import type { LevelCurvesRecord } from "../store/level_curves.ts";
import { labelWords } from "./scores.ts";

/** The stored curves of a level: its losses, and each task's score after every epoch. */
export function levelCurves(level: number, curves: LevelCurves, dataset: Dataset): LevelCurvesRecord {
  const { trainLoss, valLoss, scoreSums } = curves;
  const scores = dataset.tasks.map(({ name, kind }, t) => {
    const { score, scale } = losses.get(kind);
    const reference = scale(labelWords(dataset.validation, t));
    return [name, scoreSums.map((sums) => score(sums[t], reference))] as const;
  });
  return { level, trainLoss, valLoss, valAccuracy: Object.fromEntries(scores) };
}
