import { InputError, invariant } from "../../base/errors.ts";
import { RandomStream } from "../../base/random.ts";
import { mostLayers } from "../../base/shape.ts";
import type { PrescribedLevels } from "../prescribed.ts";
import { keptCount } from "../prunable.ts";
import type { Spec } from "../spec.ts";
import { storedStart } from "../start_weights.ts";
import { biasParts } from "./kind.ts";
import { branchKinds } from "./kinds.ts";
import { oneShotMask } from "./one_shot_mask.ts";
import { type BranchSource, maskOf } from "./source.ts";
import { branchStart, drawnSeed } from "./start.ts";

/** Parts of a level's random numbers: for weights and for biases more than layers, and than levels of a run. */
const parts = 2 * biasParts;
invariant(mostLayers < biasParts, "more layers than parts");

/**
 * What the levels of a branch start from.
 * @param spec of the branch
 * @param from the run whose masks a transplant has
 */
export function prescribedLevels(spec: Spec, source: BranchSource, from: BranchSource | undefined): PrescribedLevels {
  const { branch } = spec;
  invariant(branch, "a branch without its kind");
  const { levels, seed: branchSeed = 0 } = branch;
  const kind = branchKinds.get(branch.kind);
  const { seed } = source;
  return {
    sourceLevels: levels,
    orderSeed: kind.reorders && drawnSeed(spec.orderSeed ?? seed, branchSeed, "order"),
    // On another dataset, the dense network is a level of the branch itself.
    dense: kind.needs === "data" ? undefined : source.levels[0],
    start: async () => {
      // A run that rewinds to weights after some training starts its levels after the dense one there.
      const original = await storedStart(source.folder, 1);
      if (!original)
        throw new InputError(
          `${source.folder.path}: the weights that its levels start from are missing; restore the file`,
        );
      return branchStart(spec, branch, seed, original);
    },
    mask: async (index) => {
      const level = levels[index];
      const ticket = await maskOf(from ?? source, level);
      const random = (part: number) => new RandomStream(seed, "branchMask", branchSeed, level * parts + part);
      const oneShot = () => oneShotMask(source, spec, keptCount(spec, ticket));
      return kind.mask?.({ level, ticket, maskOf: (earlier) => maskOf(source, earlier), oneShot, random }) ?? ticket;
    },
  };
}
