import { activeWeights } from "../analysis/states.ts";
import { layerCount } from "../base/shape.ts";
import type { TrainedLevel } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { defaultActivation } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { criteria } from "../pruning/criteria.ts";
import { erkBudgets, layerBudgets, ratedBudgets } from "../pruning/layer_budgets.ts";
import type { RankedLevel } from "../pruning/ranked_level.ts";
import type { HostSelection, Selection } from "../pruning/selection.ts";
import { rankLevel } from "../pruning/selector.ts";
import { type GradientPass, gradientsOf } from "./gradients.ts";
import { hessianGradientsOf } from "./hessian_gradients.ts";
import { activeCount, keptCount, type Prunable } from "./prunable.ts";
import type { Spec } from "./spec.ts";

/** What of a spec decides the mask of a level. */
export type Pruning = Pick<
  Spec,
  | "scope"
  | "layerRates"
  | "gradientBatches"
  | "activation"
  | "criterion"
  | "prunable"
  | "pruneFirst"
  | "remaining"
  | "counts"
>;

/** A level that was trained, and what its pruning may need. */
export interface LevelToPrune extends GradientPass {
  /** Its `release` may be called more than once, and is where other levels need the engine: its weights are gone then. */
  readonly trained: TrainedLevel;
  /** Initial parameters of the run, not masked. */
  readonly initial: Parameters;
}

/**
 * Prunes a trained level by the spec's criterion, scope and trajectory; returns the mask of the next level. A criterion
 * with keys is ranked where the weights lie, unless it matters which weights are active or biases are ranked; all others on
 * the host.
 */
export async function nextMask(spec: Pruning, level: LevelToPrune): Promise<Mask> {
  const { criterion, prunable, pruneFirst, counts } = spec;
  const { mask, level: number } = level.job;
  const target = spec.remaining[number + 1];
  const wholeLayers = wholeLayersOf(spec);
  const keep = (count: number) => budgets(spec, mask, count);
  const chosen = criteria.get(criterion);
  // A device takes the scale of a layer from the start weights, which are the initial ones unless the run rewinds elsewhere.
  const hasScale = "scale" in chosen && level.job.start === level.initial;
  if ("key" in chosen && !prunable && !pruneFirst && !counts && (hasScale || !("scale" in chosen))) {
    return level.trained.select({ criterion, keep: keep(target), wholeLayers });
  }
  const select = rankLevel(await rankedLevel(level, spec), rankingOf(spec, mask));
  const least = wholeLayers.reduce((sum, layer) => sum + keptCount(spec, mask, layer), 0);
  return counts === "active"
    ? mostWithin(spec, mask, target, least, (count) => select(keep(count)))
    : select(keep(target));
}

/** Prunes a trained level on the host to so many weights, or weights and biases, whatever the trajectory. */
export function pruneTo(spec: Pruning, level: RankedLevel, count: number): Mask {
  return rankLevel(level, rankingOf(spec, level.mask))(budgets(spec, level.mask, count));
}

/** How the host ranks a level. */
function rankingOf(spec: Pruning, mask: Mask): Omit<HostSelection, "keep"> {
  const { criterion, pruneFirst, prunable } = spec;
  return {
    criterion,
    first: pruneFirst && mask.without(activeWeights(mask)),
    withBiases: prunable !== undefined,
    wholeLayers: wholeLayersOf(spec),
  };
}

/** The layers that are not pruned. */
function wholeLayersOf({ layerRates = [] }: Pruning): number[] {
  return layerRates.flatMap((factor, layer) => (factor === 0 ? [layer] : []));
}

/** Weights to keep, and biases where these are prunable: of the whole network, or of each layer. */
function budgets({ scope, layerRates, prunable }: Pruning, mask: Mask, count: number): Selection["keep"] {
  if (scope === "global") return count;
  const counts = layerCounts({ prunable }, mask);
  if (scope === "erk") return erkBudgets(mask.shape, counts, count);
  return layerRates ? ratedBudgets(counts, count, layerRates) : layerBudgets(counts, count);
}

function layerCounts(spec: Prunable, mask: Mask): number[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => keptCount(spec, mask, layer));
}

/**
 * The mask that prunes the fewest weights so that at most `most` are active (effective pruning of Vysogorets and Kempe
 * 2023, section 4); the mask itself where no more are. Where biases are prunable, both count. Pruning a weight or a bias
 * leaves fewer active ones, so that the number is found by bisection: at most 32 selections, 21 for the largest network of the thesis. Masks of a criterion of several
 * rounds are not nested; then the mask still has at most `most` active weights, and that with one weight more has not.
 * @param least weights that are kept in any case; the rest of the network is then empty, and nothing active
 * @param select gives the mask of so many weights
 */
function mostWithin(spec: Prunable, mask: Mask, most: number, least: number, select: (count: number) => Mask): Mask {
  if (activeCount(spec, mask) <= most) return mask;
  let [within, beyond] = [Math.max(most, least), keptCount(spec, mask)];
  let found = select(within);
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    const tried = select(middle);
    if (activeCount(spec, tried) <= most) [within, found] = [middle, tried];
    else beyond = middle;
  }
  return found;
}

/** What a criterion needs of a trained level, read back or computed. */
async function rankedLevel(
  level: LevelToPrune,
  { criterion, activation = defaultActivation, gradientBatches }: Pruning,
): Promise<RankedLevel> {
  const { needs } = criteria.get(criterion);
  const { start, mask, seed } = level.job;
  const trained = await level.trained.weights();
  // Gradients are levels of their own: they would wait for ever if all slots were held by levels that wait for theirs.
  if (needs.includes("gradients") || needs.includes("start gradients")) level.trained.release();
  const gradients = needs.includes("gradients") ? await gradientsOf(level, trained, gradientBatches) : undefined;
  const startGradients = needs.includes("start gradients")
    ? await gradientsOf(level, start, gradientBatches)
    : undefined;
  const startHessianGradients = needs.includes("start Hessian gradients")
    ? await hessianGradientsOf(level, activation, start, gradientBatches)
    : undefined;
  const own = { gradients, startGradients, startHessianGradients };
  return { trained, start, initial: level.initial, ...own, mask, seed, nextLevel: level.job.level + 1 };
}
