import { bitIndices } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import type { Reachability } from "./reachability.ts";

/** Of every input, how many active weights leave it: the heat map of a ticket over its pixels (Burger 2024, chapter 4). */
export function inputUse(mask: Mask, { toOutput }: Pick<Reachability, "toOutput">): Uint32Array {
  const use = new Uint32Array(mask.shape[0]);
  const { rowWords, wordOffset } = mask.layout;
  for (const target of bitIndices(toOutput[1])) {
    const row = wordOffset[0] + target * rowWords[0];
    for (const input of bitIndices(mask.words.subarray(row, row + rowWords[0]))) use[input]++;
  }
  return use;
}
