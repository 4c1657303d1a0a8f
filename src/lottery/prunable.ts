import { countBiases, countWeights } from "../analysis/states.ts";
import { InputError } from "../base/errors.ts";
import { layerCount, type Shape } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import { criteria } from "../pruning/criteria.ts";

/** What the prunings of a run may remove. */
export interface Prunable {
  /** `parameters`: weights and biases; undefined: weights alone. */
  readonly prunable?: string | undefined;
}

/** The prunable parameters of each layer of a dense network. */
export function layerSizes({ prunable }: Prunable, shape: Shape): number[] {
  const own = prunable ? 1 : 0;
  return Array.from({ length: layerCount(shape) }, (_, layer) => (shape[layer] + own) * shape[layer + 1]);
}

/** The prunable parameters of a dense network: N of its trajectory. */
export function prunableCount(spec: Prunable, shape: Shape): number {
  return layerSizes(spec, shape).reduce((sum, size) => sum + size, 0);
}

/** The prunable parameters that a mask keeps, in the whole network or in one layer. */
export function keptCount({ prunable }: Prunable, mask: Mask, layer?: number): number {
  return mask.count(layer) + (prunable ? mask.biasCount(layer) : 0);
}

/** The prunable parameters that a mask keeps and that are active. */
export function activeCount({ prunable }: Prunable, mask: Mask): number {
  const reach = reachability(mask);
  return countWeights(mask, reach).active + (prunable ? countBiases(mask, reach).active : 0);
}

/** `weights`, or `weights and biases`. */
export function prunableText({ prunable }: Prunable): string {
  return prunable ? "weights and biases" : "weights";
}

/** @throws InputError when biases are to be pruned by a criterion that does not rank them */
export function checkRanksBiases({ prunable, criterion }: Prunable & { readonly criterion: string }): void {
  if (!prunable || criteria.get(criterion).ofBias !== undefined) return;
  const others = criteria.entries.filter(({ ofBias }) => ofBias !== undefined).map(({ name }) => name);
  throw new InputError(
    `prunable=parameters contradicts criterion=${criterion}, which ranks weights alone: give criterion ${others.slice(0, -1).join(", ")} or ${others.at(-1)}, or leave prunable out`,
  );
}
