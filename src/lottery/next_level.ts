import { layerCount } from "../base/shape.ts";
import type { TrainedLevel } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { layerBudgets } from "../pruning/layer_budgets.ts";
import type { Spec } from "./spec.ts";

/** The mask of the level after a trained one, as the spec prunes. */
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
