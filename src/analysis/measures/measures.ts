import { Registry } from "../../base/registry.ts";
import type { Task } from "../../base/task.ts";
import type { Mask } from "../../mask/mask.ts";
import { reachability } from "../../mask/reachability.ts";
import { components } from "../components.ts";
import { countWeights } from "../states.ts";
import { checkTaskColumns } from "../task_columns.ts";
import { density } from "./density.ts";
import { effectiveDensity } from "./effective_density.ts";
import { foreignInputs } from "./foreign_inputs.ts";
import type { Measure } from "./measure.ts";
import { subnetworks } from "./subnetworks.ts";

/** Every structural measure, in the order in which they are shown and stored. */
export const measures = new Registry<Measure>("measure", [density, effectiveDensity, subnetworks, foreignInputs]);

/**
 * Measures a mask.
 * @param tasks at least one; their columns lie within the mask's inputs and outputs
 * @param names measures to compute; all when left out
 * @returns values by name, in the order of `names`
 * @throws InputError when a name is not known, or a task does not fit the mask's shape
 */
export function measureMask(
  mask: Mask,
  tasks: readonly Task[],
  names: readonly string[] = measures.names,
): Record<string, number | null> {
  checkTaskColumns(tasks, mask.shape);
  const reach = reachability(mask);
  const weights = countWeights(mask, reach);
  const structure = { mask, reach, weights, subnetworks: components(mask, reach), tasks };
  return Object.fromEntries(names.map((name) => [name, measures.get(name).compute(structure)]));
}
