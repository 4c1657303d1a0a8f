import type { WgslSource } from "../base/wgsl_source.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import type { Kernel } from "./kernel.ts";

/** The WGSL of an activation. */
function activationSource(name: string): WgslSource {
  return { file: `activations/${name}.wgsl`, text: activations.get(name).wgsl };
}

/** What a kernel with an activation lists among its sources: {@link withActivation} puts another in its place. */
export const activation = activationSource(defaultActivation);

const variants = new WeakMap<Kernel, Map<string, Kernel>>();

/**
 * A kernel with another activation compiled in; its variant is the activation's name. The same value for the same arguments, so
 * that engines share pipelines.
 * @param kernel one that lists {@link activation}
 * @param name of an activation
 * @throws InputError when there is none of that name
 */
export function withActivation<K extends Kernel>(kernel: K, name: string): K {
  if (name === defaultActivation) return kernel;
  const known = variants.get(kernel) ?? new Map<string, Kernel>();
  variants.set(kernel, known);
  const source = activationSource(name);
  const sources = kernel.sources.map((one) => (one === activation ? source : one));
  const variant = known.get(name) ?? { ...kernel, sources, variant: name };
  known.set(name, variant);
  return variant as K;
}
