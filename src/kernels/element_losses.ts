import type { WgslSource } from "../base/wgsl_source.ts";
import { losses } from "../loss/index.ts";
import type { Kernel } from "./kernel.ts";
import { shared } from "./shared.ts";
import { variantOf } from "./variants.ts";

/**
 * WGSL of `element_loss`, which evaluates an element-wise loss by its number.
 * @param names of the element-wise losses to compile in
 */
function dispatch(names: readonly string[]): WgslSource {
  const cases = names.map((name) => `  if (loss == ${losses.get(name).number}u) { return ${name}(z, word); }`);
  const lines = [
    `const has_element_losses = ${names.length > 0};`,
    "fn element_loss(loss: u32, z: f32, word: u32) -> ElementLoss {",
    ...cases,
    "  return ElementLoss(0.0, 0.0, 0.0);",
    "}",
  ];
  return { file: "element_loss", text: lines.join("\n") };
}

const noLosses = dispatch([]);

/** The sources of a kernel with losses; {@link withLosses} adds the element-wise ones. */
export const elementLosses: readonly WgslSource[] = [shared.elementLoss, noLosses];

/**
 * A kernel with the element-wise losses of some tasks compiled in; binary and multi-class losses are always part of it.
 * @param kernel one that lists {@link elementLosses}
 * @param names of the tasks' losses
 */
export function withLosses<K extends Kernel>(kernel: K, names: readonly string[]): K {
  const own = losses.names.filter((name) => names.includes(name) && losses.get(name).wgsl !== undefined);
  if (own.length === 0) return kernel;
  const snippets = own.map((name) => ({ file: `losses/${name}.wgsl`, text: losses.get(name).wgsl ?? "" }));
  return variantOf(kernel, own.join(), () => ({
    ...kernel,
    sources: kernel.sources.flatMap((source) => (source === noLosses ? [...snippets, dispatch(own)] : [source])),
  }));
}
