import type { Twin } from "../kernels/kernel.ts";
import type { radixHistogram as kernel } from "../kernels/radix_histogram.ts";
import { defaultCriterion, keyCriterion } from "../pruning/criteria.ts";

const bins = 65536;

/** Lowest bit of each pass's digit of 16 bits, as in `shaders/shared/selection.wgsl`. */
export const digitShifts = [16, 0, 16, 0] as const;

/** Twin of `shaders/radix_histogram.wgsl`. */
export const radixHistogram: Twin<typeof kernel> = (u, buffers, _population, variant = defaultCriterion) => {
  const { parameters, mask, selections, histogram } = buffers;
  if (selections.get(u.selection, "settled") === 1) return;
  const criterion = keyCriterion(variant);
  const shift = digitShifts[u.radixPass];
  const byIndex = u.radixPass >= 2;
  const lastKey = selections.get(u.selection, "key");
  const fixed = byIndex ? selections.get(u.selection, "index") : lastKey;
  const above = 2 ** (shift + 16);
  for (let word = 0; word < u.layerWords; word++) {
    const kept = mask[u.maskAt + u.maskOffset + word];
    const row = Math.floor(word / u.rowWords);
    const firstInput = (word % u.rowWords) * 32;
    const weights = (u.weightsAt + row * u.inputBlocks) * 4 + firstInput;
    for (let bit = 0; bit < 32; bit++) {
      if (((kept >>> bit) & 1) === 0) continue;
      const index = (u.maskOffset + word) * 32 + bit;
      const key = criterion.key(parameters[weights + bit], index, u);
      if (byIndex && key !== lastKey) continue;
      const ranked = byIndex ? index : key;
      if (Math.floor(ranked / above) !== Math.floor(fixed / above)) continue;
      histogram[u.selection * bins + ((ranked >>> shift) & (bins - 1))] += 1;
    }
  }
};
