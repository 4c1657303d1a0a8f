import { InputError } from "../../base/errors.ts";
import { Mask } from "../../mask/mask.ts";
import { needsGradients } from "../gradient_batches.ts";
import { pruneTo } from "../next_level.ts";
import type { Spec } from "../spec.ts";
import { storedStart } from "../start_weights.ts";
import type { BranchSource } from "./source.ts";

/**
 * Checks that a run can be pruned once from its dense network.
 * @throws InputError when it stores no trained weights, or its criterion needs gradients, which are not stored
 */
export function checkOneShot({ folder: { path, record } }: BranchSource, { criterion, keepTrained }: Spec): void {
  if (!keepTrained) {
    throw new InputError(
      `one-shot: ${path} stores no trained weights, which it prunes; give a run with keepTrained=true`,
    );
  }
  if (needsGradients(criterion)) {
    throw new InputError(
      `one-shot: criterion ${criterion} of ${record.name} needs gradients, which are not stored; give a run with another, or run its spec with levels=1`,
    );
  }
}

/**
 * The trained dense network of a run pruned once, by the run's criterion, scope and layer rates.
 * @param count weights to keep, or weights and biases where these are prunable
 * @throws InputError when a file of the run is missing or damaged
 */
export async function oneShotMask({ folder, seed }: BranchSource, spec: Spec, count: number): Promise<Mask> {
  const [trained, initial, start] = [
    await folder.readTrained(0),
    await folder.readInit(),
    await storedStart(folder, 0),
  ];
  if (!trained || !initial || !start) {
    throw new InputError(`${folder.path}: the weights of level 0 are missing; restore the file`);
  }
  const { layerRates } = folder.record.spec;
  const pruning = { ...spec, counts: undefined, layerRates: layerRates as Spec["layerRates"] };
  const level = { trained, initial, start, mask: Mask.full(spec.shape), seed, nextLevel: 1 };
  return pruneTo(pruning, level, count);
}
