import { bitIndices } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { reachingOutputs } from "../mask/reachability.ts";

/**
 * The active out-degree of every input: its number of active weights, which are those with a target that reaches an
 * output. For an image set, it is a heat map of the pixels (Burger 2024, chapter 4).
 * @returns `[input]`
 */
export function activeOutDegree(mask: Mask): Uint32Array {
  const degrees = new Uint32Array(mask.shape[0]);
  const { rowWords, wordOffset } = mask.layout;
  for (const target of bitIndices(reachingOutputs(mask)[1])) {
    const row = wordOffset[0] + target * rowWords[0];
    for (const input of bitIndices(mask.words.subarray(row, row + rowWords[0]))) degrees[input]++;
  }
  return degrees;
}
