import { invariant } from "../base/errors.ts";

/**
 * Divides a network's target among its layers, so that each layer loses the same fraction. Counts are rounded by the
 * method of largest remainders; of equal remainders, the lower layer is rounded up first.
 * @param counts weights kept now, by layer
 * @param remaining weights to keep in all, at most the sum of `counts`
 * @returns weights to keep, by layer; they sum to `remaining`
 */
export function layerBudgets(counts: readonly number[], remaining: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  invariant(remaining <= total, `cannot keep ${remaining} of ${total} weights`);
  if (total === 0) return counts.map(() => 0);
  const targets = counts.map((count) => Math.floor((count * remaining) / total));
  const remainders = counts.map((count, layer) => ({ layer, remainder: (count * remaining) % total }));
  remainders.sort((a, b) => b.remainder - a.remainder || a.layer - b.layer);
  const missing = remaining - targets.reduce((sum, target) => sum + target, 0);
  for (let k = 0; k < missing; k++) targets[remainders[k].layer] += 1;
  return targets;
}
