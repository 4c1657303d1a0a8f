import type { Mask } from "../../../mask/mask.ts";
import { keptWeights, maskOfWeights } from "../flat_weights.ts";
import type { BranchKind } from "../kind.ts";
import { randomPositions } from "../random_positions.ts";

/**
 * The weights of the lowest scores in place of the highest, as many as the ticket keeps: the "small final" masks of Zhou et
 * al. 2019, and the inversion of Frankle et al. 2021. In an iterative run these are the weights that were pruned first.
 * Where the weights of one pruning, or those that survive, fit in part only, chance takes some of them. A ticket of less
 * than half of the weights shares none with its inversion.
 */
export const inverted: BranchKind = {
  name: "inverted",
  summary: "as many weights as the ticket keeps, those that were pruned first, the initial weights",
  paper: "Zhou et al. 2019, Frankle et al. 2021",
  usesSeed: true,
  isControl: true,
  mask: async ({ level, ticket, maskOf, random }) => {
    const wanted = ticket.count();
    const kept: number[] = [];
    let before: Mask | undefined;
    for (let pruning = 0; pruning <= level && kept.length < wanted; pruning++) {
      const after = pruning < level ? await maskOf(pruning + 1) : undefined;
      before ??= await maskOf(0);
      const pruned = [...prunedWeights(before, after)];
      const room = Math.min(wanted - kept.length, pruned.length);
      for (const place of randomPositions(random(pruning), room, pruned.length)) kept.push(pruned[place]);
      before = after;
    }
    return maskOfWeights(ticket.shape, kept);
  },
};

/** The weights that one mask keeps and the next does not; without a next one, all that it keeps. */
function* prunedWeights(before: Mask, after: Mask | undefined): Generator<number> {
  if (!after) {
    yield* keptWeights(before);
    return;
  }
  const left = before.clone();
  left.words.forEach((word, i) => {
    left.words[i] = word & ~after.words[i];
  });
  yield* keptWeights(left);
}
