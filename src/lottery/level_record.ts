import type { Analysis } from "../analysis/analyze.ts";
import { measureMask } from "../analysis/measures/measures.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { LevelTraining } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { taskScores } from "./dataset.ts";
import type { Spec } from "./spec.ts";
import { isWinning } from "./winning.ts";

/**
 * The stored record of a level: its training and the analysis of its mask.
 * @param mask the mask of the level
 * @param dense the record of level 0; undefined if this is level 0
 */
export function levelRecord(
  level: number,
  training: LevelTraining,
  mask: Mask,
  analysis: Analysis,
  dataset: Dataset,
  dense: LevelRecord | undefined,
  { tolerance, measures }: Pick<Spec, "tolerance" | "measures">,
): LevelRecord {
  const valAccuracy = taskScores(dataset, training.scoreSums);
  return {
    level,
    engine: training.kernels,
    remaining: analysis.remaining,
    epochs: training.epochs,
    steps: training.steps,
    trainLoss: training.trainLoss,
    valLoss: training.valLoss,
    valAccuracy,
    winning: isWinning(valAccuracy, dense?.valAccuracy ?? valAccuracy, tolerance),
    weights: analysis.weights,
    neurons: analysis.neurons,
    subnetworks: analysis.subnetworks.length,
    foreignInputs: analysis.foreignInputs,
    coverage: analysis.coverage,
    state: analysis.state,
    degree: analysis.degree,
    ...(measures && { measures: measureMask(mask, dataset.tasks, measures) }),
  };
}
