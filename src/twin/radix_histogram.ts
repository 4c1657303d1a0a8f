import type { Twin } from "../kernels/kernel.ts";
import type { radixHistogram as kernel } from "../kernels/radix_histogram.ts";
import { rankBits } from "../pruning/rank_bits.ts";

const bins = 65536;

/** Lowest bit and width of each pass's digit, as in `shaders/shared/selection.wgsl`. */
export const digits = [
  { shift: 15, bits: 16 },
  { shift: 0, bits: 15 },
  { shift: 16, bits: 16 },
  { shift: 0, bits: 16 },
] as const;

/** Twin of `shaders/radix_histogram.wgsl`. */
export const radixHistogram: Twin<typeof kernel> = (u, buffers) => {
  const { parameters, mask, selections, histogram } = buffers;
  if (selections.get(u.selection, "settled") === 1) return;
  const { shift, bits } = digits[u.radixPass];
  const byIndex = u.radixPass >= 2;
  const magnitude = selections.get(u.selection, "magnitude");
  const fixed = byIndex ? selections.get(u.selection, "index") : magnitude;
  const above = 2 ** (shift + bits);
  for (let word = 0; word < u.layerWords; word++) {
    const kept = mask[u.network * u.networkMask + u.maskOffset + word];
    const row = Math.floor(word / u.rowWords);
    const firstInput = (word % u.rowWords) * 32;
    const weights = (u.network * u.networkParameters + u.weightOffset + row * u.inputBlocks) * 4 + firstInput;
    for (let bit = 0; bit < 32; bit++) {
      if (((kept >>> bit) & 1) === 0) continue;
      const index = (u.maskOffset + word) * 32 + bit;
      const rank = rankBits(parameters[weights + bit], index, u.criterion, u.seed, u.level);
      if (byIndex && rank !== magnitude) continue;
      const key = byIndex ? index : rank;
      if (Math.floor(key / above) !== Math.floor(fixed / above)) continue;
      histogram[u.selection * bins + ((key >>> shift) & (2 ** bits - 1))] += 1;
    }
  }
};
