import { layerCount } from "../base/shape.ts";
import { lowestBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";

/** A copy of parameters in which pruned weights and biases are exactly 0: the start values of a level. */
export function maskedParameters({ shape, layout, values }: Parameters, mask: Mask): Parameters {
  const { rowStride, weightOffset, biasOffset } = layout;
  const { rowWords, wordOffset } = mask.layout;
  const { words } = mask;
  const masked = new Float32Array(values.length);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      const row = weightOffset[layer] + output * rowStride[layer];
      const firstWord = wordOffset[layer] + output * rowWords[layer];
      for (let word = 0; word < rowWords[layer]; word++) {
        const first = row + word * 32;
        const kept = words[firstWord + word];
        if (kept === 0xffffffff) {
          for (let at = first; at < first + 32; at++) masked[at] = values[at];
        } else {
          for (let rest = kept; rest !== 0; rest &= rest - 1) {
            const at = first + lowestBit(rest);
            masked[at] = values[at];
          }
        }
      }
    }
  }
  masked.set(values.subarray(biasOffset[0]), biasOffset[0]);
  for (const at of prunedBiases(mask, biasOffset)) masked[at] = 0;
  return new Parameters(shape, masked);
}

/** The positions of the pruned biases in the layout of parameters. */
function* prunedBiases(mask: Mask, biasOffset: readonly number[]): Generator<number> {
  if (!mask.prunesBiases) return;
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    for (let output = 0; output < mask.shape[layer + 1]; output++) {
      if (!mask.hasBias(layer, output)) yield biasOffset[layer] + output;
    }
  }
}
