import type { Kernel } from "./kernel.ts";

const variants = new WeakMap<Kernel, Map<string, Kernel>>();

/**
 * A kernel with another choice compiled in, made when first asked for: the same value for equal choices, so that engines share
 * pipelines.
 * @param kernel with the choice that it has by default
 * @param choice what tells the variant from others of the kernel
 */
export function variantOf<K extends Kernel>(kernel: K, choice: string, make: () => K): K {
  const known = variants.get(kernel) ?? new Map<string, Kernel>();
  variants.set(kernel, known);
  const variant = known.get(choice) ?? make();
  known.set(choice, variant);
  return variant as K;
}
