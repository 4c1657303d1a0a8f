import type { Twin } from "../kernels/kernel.ts";
import type { pruneMask as kernel } from "../kernels/prune_mask.ts";
import { rankBits } from "../pruning/rank_bits.ts";

/** Twin of `shaders/prune_mask.wgsl`. */
export const pruneMask: Twin<typeof kernel> = (u, buffers) => {
  const { parameters, selections, mask } = buffers;
  const magnitude = selections.get(u.selection, "magnitude");
  const lastIndex = selections.get(u.selection, "index");
  for (let word = 0; word < u.layerWords; word++) {
    const at = u.network * u.networkMask + u.maskOffset + word;
    const row = Math.floor(word / u.rowWords);
    const firstInput = (word % u.rowWords) * 32;
    const weights = (u.network * u.networkParameters + u.weightOffset + row * u.inputBlocks) * 4 + firstInput;
    let kept = mask[at];
    for (let bit = 0; bit < 32; bit++) {
      if (((mask[at] >>> bit) & 1) === 0) continue;
      const index = (u.maskOffset + word) * 32 + bit;
      const rank = rankBits(parameters[weights + bit], index, u.criterion, u.seed, u.level);
      if (rank < magnitude || (rank === magnitude && index <= lastIndex)) kept &= ~(1 << bit);
    }
    mask[at] = kept;
  }
};
