import { dataKeys } from "../../lottery/branch/data.ts";
import { presets } from "../../lottery/presets.ts";
import { resolveSpec } from "../../lottery/spec.ts";

/**
 * The presets whose data fit a network: as many inputs and outputs. Of presets with the same data the first.
 * @param shape of the network
 */
export function presetsThatFit(shape: readonly number[]): string[] {
  const fitting = new Map<string, string>();
  for (const { name, spec } of presets.entries) {
    const { shape: own } = resolveSpec(spec, name).spec;
    if (own[0] !== shape[0] || own[own.length - 1] !== shape[shape.length - 1]) continue;
    const data = JSON.stringify(Object.entries(spec).filter(([key]) => dataKeys.includes(key)));
    if (!fitting.has(data)) fitting.set(data, name);
  }
  return [...fitting.values()];
}
