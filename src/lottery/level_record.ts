import type { Analysis } from "../analysis/analyze.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { LevelTraining } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import type { NullTest } from "../nulls/null_test.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { Evaluation } from "./evaluation.ts";
import { maskRecord } from "./mask_record.ts";
import { levelScores } from "./scores.ts";
import type { Spec } from "./spec.ts";
import { isWinning } from "./winning.ts";

/**
 * The stored record of a level: its training and the analysis of its mask.
 * @param mask the mask of the level
 * @param dense the record of level 0; undefined if this is level 0
 * @param sourceLevel of a level of a branch
 * @param nulls the ticket among masks by chance
 * @param test the trained network on the test split, where it is validated on other samples
 */
export function levelRecord(
  level: number,
  training: LevelTraining,
  mask: Mask,
  analysis: Analysis,
  dataset: Dataset,
  dense: LevelRecord | undefined,
  {
    tolerance,
    measures,
    prunable,
    maxSteps,
    evaluateEvery,
  }: Pick<Spec, "tolerance" | "measures" | "prunable" | "maxSteps" | "evaluateEvery">,
  sourceLevel?: number,
  test?: Evaluation,
  nulls?: NullTest,
): LevelRecord {
  const scores = levelScores(dataset, training.scoreSums);
  const { remaining, biases, ...structure } = maskRecord(mask, analysis, dataset.tasks, measures);
  return {
    level,
    ...(sourceLevel !== undefined && { sourceLevel }),
    engine: training.kernels,
    remaining,
    epochs: training.epochs,
    steps: training.steps,
    ...((maxSteps !== undefined || evaluateEvery !== undefined) && {
      evaluations: training.evaluations,
      keptStep: training.keptStep,
      earlyStoppingStep: training.bestStep,
    }),
    trainLoss: training.trainLoss,
    valLoss: training.valLoss,
    ...scores,
    ...(test && {
      testLoss: test.loss,
      testAccuracy: test.scores.valAccuracy,
      testBalancedAccuracy: test.scores.valBalancedAccuracy,
    }),
    winning: isWinning(scores, dense ?? scores, tolerance),
    ...structure,
    // In other runs, every bias is kept.
    ...(prunable && { biases }),
    ...(nulls && { nulls }),
  };
}
