import type { bandwidthCeiling as kernel } from "../kernels/bandwidth_ceiling.ts";
import type { Twin } from "../kernels/kernel.ts";

/** Twin of `shaders/bandwidth_ceiling.wgsl`. */
export const bandwidthCeiling: Twin<typeof kernel> = (u, { originals, copies }) => {
  for (let invocation = 0; invocation < u.invocations; invocation++) {
    for (let at = invocation; at < u.quads; at += u.invocations) {
      for (let component = 0; component < 4; component++) copies[at * 4 + component] = originals[at * 4 + component];
    }
  }
};
