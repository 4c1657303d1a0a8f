import type { Kernel } from "./kernel.ts";

const variants = new WeakMap<Kernel, Map<string, Kernel>>();

/**
 * A kernel with another choice compiled in, created on first use. Equal choices give the same object, so that engines
 * share pipelines.
 * @param kernel the kernel with its default choice
 * @param choice identifies the variant among those of the kernel
 */
export function variantOf<K extends Kernel>(kernel: K, choice: string, make: () => K): K {
  const known = variants.get(kernel) ?? new Map<string, Kernel>();
  variants.set(kernel, known);
  const variant = known.get(choice) ?? make();
  known.set(choice, variant);
  return variant as K;
}
