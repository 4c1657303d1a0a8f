import { invariant } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";

/**
 * Divides a network's target among its layers, so that each layer loses the same fraction. Counts are rounded by the
 * method of largest remainders; of equal remainders, the lower layer is rounded up first.
 * @param counts weights kept now, by layer
 * @param remaining weights to keep in all, at most the sum of `counts`
 * @returns weights to keep, by layer; they sum to `remaining`
 */
export function layerBudgets(counts: readonly number[], remaining: number): number[] {
  const total = sumOf(counts);
  invariant(remaining <= total, `cannot keep ${remaining} of ${total} weights`);
  if (total === 0) return counts.map(() => 0);
  const targets = counts.map((count) => Math.floor((count * remaining) / total));
  return roundedUp(
    targets,
    counts.map((count) => (count * remaining) % total),
    remaining,
  );
}

/**
 * Divides a network's target so that layer l loses the fraction p f_l, with one p for all layers: a layer of factor 0.5 is
 * pruned at half the rate of a layer of factor 1. A layer whose fraction would be above 1 loses all of its weights.
 * Rounded as {@link layerBudgets} is.
 * @param factors f_l, from 0, at least one above 0
 * @param remaining at least the weights of the layers of factor 0
 */
export function ratedBudgets(counts: readonly number[], remaining: number, factors: readonly number[]): number[] {
  const total = sumOf(counts);
  const fixed = sumOf(counts.map((count, layer) => (factors[layer] === 0 ? count : 0)));
  invariant(remaining >= fixed && remaining <= total, `cannot keep ${remaining} of ${fixed} to ${total} weights`);
  const emptied = new Set<number>();
  for (;;) {
    const left = (layer: number) => (emptied.has(layer) ? 0 : counts[layer]);
    const lost = sumOf(counts.map((_, layer) => left(layer))) - remaining;
    const weighted = sumOf(counts.map((_, layer) => left(layer) * factors[layer]));
    const rate = weighted > 0 ? lost / weighted : 0;
    const beyond = counts.flatMap((_, layer) => (!emptied.has(layer) && rate * factors[layer] > 1 ? [layer] : []));
    if (beyond.length === 0) {
      return rounded(
        counts.map((count, layer) => (emptied.has(layer) ? 0 : count * (1 - rate * factors[layer]))),
        counts,
        remaining,
      );
    }
    for (const layer of beyond) emptied.add(layer);
  }
}

/**
 * Erdos-Renyi budgets (Evci, Gale, Menick, Castro, Elsen 2020, section 3): the density of layer l is in proportion to
 * (n_in + n_out) / (n_in n_out), so that the layer keeps a number of weights in proportion to n_in + n_out. A layer that
 * would keep more than it has keeps what it has, and the others share the rest in proportion. Rounded as
 * {@link layerBudgets} is.
 */
export function erkBudgets(shape: Shape, counts: readonly number[], remaining: number): number[] {
  const total = sumOf(counts);
  invariant(remaining <= total, `cannot keep ${remaining} of ${total} weights`);
  const shares = counts.map((_, layer) => shape[layer] + shape[layer + 1]);
  const full = new Set<number>();
  for (;;) {
    const rest = remaining - sumOf([...full].map((layer) => counts[layer]));
    const all = sumOf(shares.map((share, layer) => (full.has(layer) ? 0 : share)));
    const kept = counts.map((count, layer) => (full.has(layer) ? count : (rest * shares[layer]) / all));
    const beyond = counts.flatMap((count, layer) => (!full.has(layer) && kept[layer] > count ? [layer] : []));
    if (beyond.length === 0) return rounded(kept, counts, remaining);
    for (const layer of beyond) full.add(layer);
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Rounds budgets down, then up by the largest remainders where the layer has a weight more. */
function rounded(budgets: readonly number[], counts: readonly number[], remaining: number): number[] {
  const targets = budgets.map((budget, layer) => Math.min(counts[layer], Math.floor(budget)));
  return roundedUp(
    targets,
    budgets.map((budget, layer) => (targets[layer] < counts[layer] ? budget - targets[layer] : -1)),
    remaining,
  );
}

/** Adds 1 to the targets with the largest remainders until they sum to `remaining`. */
function roundedUp(targets: number[], remainders: readonly number[], remaining: number): number[] {
  const order = remainders.map((remainder, layer) => ({ layer, remainder }));
  order.sort((a, b) => b.remainder - a.remainder || a.layer - b.layer);
  const missing = remaining - sumOf(targets);
  for (let k = 0; k < missing; k++) targets[order[k].layer] += 1;
  return targets;
}
