import type { Twin } from "../kernels/kernel.ts";
import type { pruneMask as kernel } from "../kernels/prune_mask.ts";
import { defaultCriterion, keyCriterion } from "../pruning/criteria.ts";

/** Twin of `shaders/prune_mask.wgsl`. */
export const pruneMask: Twin<typeof kernel> = (u, buffers, _population, variant = defaultCriterion) => {
  const { parameters, selections, mask } = buffers;
  const criterion = keyCriterion(variant);
  const lastKey = selections.get(u.selection, "key");
  const lastIndex = selections.get(u.selection, "index");
  for (let word = 0; word < u.layerWords; word++) {
    const at = u.maskAt + u.maskOffset + word;
    const row = Math.floor(word / u.rowWords);
    const firstInput = (word % u.rowWords) * 32;
    const weights = (u.weightsAt + row * u.inputBlocks) * 4 + firstInput;
    let kept = mask[at];
    for (let bit = 0; bit < 32; bit++) {
      if (((mask[at] >>> bit) & 1) === 0) continue;
      const index = (u.maskOffset + word) * 32 + bit;
      const key = criterion.key(parameters[weights + bit], index, u);
      if (key < lastKey || (key === lastKey && index <= lastIndex)) kept &= ~(1 << bit);
    }
    mask[at] = kept;
  }
};
