import type { arithmeticCeiling as kernel } from "../kernels/arithmetic_ceiling.ts";
import type { Twin } from "../kernels/kernel.ts";

/** Twin of `shaders/arithmetic_ceiling.wgsl`; in float64, so its bits equal the kernel's only for small integers. */
export const arithmeticCeiling: Twin<typeof kernel> = (u, { factors, results }) => {
  const [factor, summand] = factors;
  for (let invocation = 0; invocation < u.invocations; invocation++) {
    for (let component = 0; component < 4; component++) {
      let sum = 0;
      for (let chain = 0; chain < 4; chain++) {
        let value = (invocation % 64) + component + 4 * chain;
        for (let turn = 0; turn < 4 * u.rounds; turn++) value = value * factor + summand;
        sum += value;
      }
      results[invocation * 4 + component] = sum;
    }
  }
};
