import type { WgslSource } from "../base/wgsl_source.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import type { Kernel } from "./kernel.ts";
import { variantOf } from "./variants.ts";

/** The WGSL of an activation. */
function activationSource(name: string): WgslSource {
  return { file: `activations/${name}.wgsl`, text: activations.get(name).wgsl };
}

/** The source of the default activation in a kernel; {@link withActivation} replaces it by another. */
export const activation = activationSource(defaultActivation);

/**
 * A kernel with another activation compiled in; its variant is the activation's name.
 * @param kernel one that lists {@link activation}
 * @param name of an activation
 * @throws InputError when no activation has that name
 */
export function withActivation<K extends Kernel>(kernel: K, name: string): K {
  if (name === defaultActivation) return kernel;
  return variantOf(kernel, name, () => ({
    ...kernel,
    variant: name,
    sources: kernel.sources.map((source) => (source === activation ? activationSource(name) : source)),
  }));
}
