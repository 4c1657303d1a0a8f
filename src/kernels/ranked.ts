import type { WgslSource } from "../base/wgsl_source.ts";
import { magnitude } from "../pruning/criteria/magnitude.ts";
import type { KeyCriterion } from "../pruning/criterion.ts";
import type { Kernel } from "./kernel.ts";
import { variantOf } from "./variants.ts";

/** A criterion that ranks on a device. */
export type DeviceCriterion = KeyCriterion & { readonly wgsl: WgslSource };

/** The source of the default criterion in a kernel that ranks; {@link withCriterion} replaces it by another. */
export const criterion: WgslSource = magnitude.wgsl;

/**
 * A kernel with another criterion compiled in; its variant is the criterion's name.
 * @param kernel one that lists {@link criterion}
 */
export function withCriterion<K extends Kernel>(kernel: K, { name, wgsl }: DeviceCriterion): K {
  return variantOf(kernel, name, () => ({
    ...kernel,
    variant: name,
    sources: kernel.sources.map((source) => (source === criterion ? wgsl : source)),
  }));
}
