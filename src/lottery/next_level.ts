import { layerCount } from "../base/shape.ts";
import type { Engine, LevelJob, TrainedLevel } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "../pruning/criteria.ts";
import { layerBudgets } from "../pruning/layer_budgets.ts";
import type { RankedLevel } from "../pruning/ranked_level.ts";
import { selectMask } from "../pruning/selector.ts";
import { gradientsOf } from "./gradients.ts";
import type { Spec } from "./spec.ts";

/** A level that was trained, and what its pruning may need. */
export interface LevelToPrune {
  readonly engine: Engine;
  readonly job: LevelJob;
  readonly trained: TrainedLevel;
  /** Initial parameters of the run, not masked. */
  readonly initial: Parameters;
}

/** Prunes a trained level by the spec's scope and criterion; returns the mask of the next level. */
export async function nextMask({ scope, criterion, remaining }: Spec, level: LevelToPrune): Promise<Mask> {
  const { job, trained } = level;
  const { mask } = job;
  const target = remaining[job.level + 1];
  const counts = Array.from({ length: layerCount(mask.shape) }, (_, layer) => mask.count(layer));
  const keep = scope === "global" ? target : layerBudgets(counts, target);
  if ("key" in criteria.get(criterion)) return trained.select({ criterion, keep });
  return selectMask(await rankedLevel(level, criterion), { criterion, keep });
}

/** What a criterion needs of a trained level, read back or computed. */
async function rankedLevel({ engine, job, trained, initial }: LevelToPrune, criterion: string): Promise<RankedLevel> {
  const { needs } = criteria.get(criterion);
  const { start, mask, seed, level } = job;
  const weights = await trained.weights();
  return {
    trained: weights,
    start,
    initial,
    gradients: needs.includes("gradients") ? await gradientsOf(engine, job, weights) : undefined,
    startGradients: needs.includes("start gradients") ? await gradientsOf(engine, job, start) : undefined,
    mask,
    seed,
    nextLevel: level + 1,
  };
}
