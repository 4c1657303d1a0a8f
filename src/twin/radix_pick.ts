import type { Twin } from "../kernels/kernel.ts";
import type { radixPick as kernel } from "../kernels/radix_pick.ts";
import { digitShifts } from "./radix_histogram.ts";

const bins = 65536;

/** Twin of `shaders/radix_pick.wgsl`. */
export const radixPick: Twin<typeof kernel> = (u, buffers, population) => {
  const { histogram, selections } = buffers;
  for (let s = 0; s < population; s++) {
    const counts = histogram.subarray(s * bins, (s + 1) * bins);
    if (selections.get(s, "settled") === 0) {
      let rank = selections.get(s, "rank");
      let digit = 0;
      while (rank > counts[digit]) rank -= counts[digit++];
      selections.set(s, "rank", rank);
      const field = u.radixPass < 2 ? "key" : "index";
      selections.set(s, field, (selections.get(s, field) | (digit << digitShifts[u.radixPass])) >>> 0);
      if (u.radixPass === 1 && rank === counts[digit]) {
        selections.set(s, "index", 0xffffffff);
        selections.set(s, "settled", 1);
      }
    }
    counts.fill(0);
  }
};
