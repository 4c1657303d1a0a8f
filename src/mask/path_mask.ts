import { RandomStream } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import { Mask } from "./mask.ts";

/**
 * A mask with a given number of kept weights, the same for every engine. A sparse mask consists of random paths from
 * outputs back to inputs, so that nearly all weights are active, as in a ticket. With independent random weights, most
 * would have no path to an output, and an engine that leaves them out would appear to exceed its ceiling.
 */
export function pathMask(shape: Shape, weights: number): Mask {
  const full = Mask.full(shape);
  if (weights === full.size) return full;
  const mask = new Mask(shape, new Uint32Array(full.words.length));
  const stream = new RandomStream(0, "randomPruning");
  let left = weights;
  while (left > 0) {
    let target = stream.nextWord() % shape[shape.length - 1];
    for (let layer = shape.length - 2; layer >= 0 && left > 0; layer--) {
      const source = stream.nextWord() % shape[layer];
      if (!mask.has(layer, target, source)) {
        mask.set(layer, target, source, true);
        left--;
      }
      target = source;
    }
  }
  return mask;
}
