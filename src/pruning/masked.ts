import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";

/** A copy of parameters in which pruned weights are exactly 0: the start values of a level. Biases are not masked. */
export function maskedParameters({ shape, layout, values }: Parameters, mask: Mask): Parameters {
  const { rowStride, weightOffset } = layout;
  const { rowWords, wordOffset } = mask.layout;
  const masked = new Parameters(shape, values.slice());
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      const row = weightOffset[layer] + output * rowStride[layer];
      const words = wordOffset[layer] + output * rowWords[layer];
      for (let input = 0; input < shape[layer]; input++) {
        const isKept = (mask.words[words + (input >>> 5)] >>> (input & 31)) & 1;
        if (!isKept) masked.values[row + input] = 0;
      }
    }
  }
  return masked;
}
