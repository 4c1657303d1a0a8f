import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { type Mask, popcount } from "./mask.ts";

/**
 * Number of weights that both masks keep.
 * @throws InputError when the masks have different shapes
 */
export function intersectionCount(first: Mask, second: Mask): number {
  if (formatShape(first.shape) !== formatShape(second.shape)) {
    throw new InputError(
      `masks of shapes ${formatShape(first.shape)} and ${formatShape(second.shape)} do not overlap weight by weight: compare masks of one shape`,
    );
  }
  let count = 0;
  for (let word = 0; word < first.words.length; word++) count += popcount(first.words[word] & second.words[word]);
  return count;
}

/**
 * Share of the first mask's kept weights that the second keeps too: |first and second| / |first|, from 0 to 1.
 * The denominator is the first mask's count, so the order of the arguments matters. An empty first mask gives 1.
 * @throws InputError when the masks have different shapes
 */
export function keptShare(first: Mask, second: Mask): number {
  const shared = intersectionCount(first, second);
  const kept = first.count();
  return kept === 0 ? 1 : shared / kept;
}

/**
 * Jaccard index of the two sets of kept weights: |first and second| / |first or second|, from 0 to 1. The denominator
 * is the count of weights that either keeps, so the order of the arguments does not matter. Two empty masks are equal:
 * 1.
 * @throws InputError when the masks have different shapes
 */
export function jaccardIndex(first: Mask, second: Mask): number {
  const shared = intersectionCount(first, second);
  const either = first.count() + second.count() - shared;
  return either === 0 ? 1 : shared / either;
}
