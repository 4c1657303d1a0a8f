import { layerCount } from "../base/shape.ts";
import type { TrainedLevel } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { layerBudgets } from "../pruning/layer_budgets.ts";
import type { Spec } from "./spec.ts";

/** Prunes a trained level by the spec's scope and criterion; returns the mask of the next level. */
export function nextMask(
  { scope, criterion, remaining }: Spec,
  level: number,
  trained: TrainedLevel,
  mask: Mask,
): Promise<Mask> {
  const target = remaining[level + 1];
  const counts = Array.from({ length: layerCount(mask.shape) }, (_, layer) => mask.count(layer));
  return trained.select({ criterion, keep: scope === "global" ? target : layerBudgets(counts, target) });
}
