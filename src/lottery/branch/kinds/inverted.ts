import type { Mask } from "../../../mask/mask.ts";
import { keptBiases, keptWeights, maskOfWeights, withBiases } from "../flat_weights.ts";
import { type BranchKind, biasParts, type TicketMask } from "../kind.ts";
import { randomPositions } from "../random_positions.ts";

/**
 * The weights of the lowest scores in place of the highest, as many as the ticket keeps: the "small final" masks of Zhou et
 * al. 2019, and the inversion of Frankle et al. 2021. In an iterative run these are the weights that were pruned first; so
 * it is with biases.
 * Where the weights of one pruning, or those that survive, fit in part only, chance takes some of them. A ticket of less
 * than half of the weights shares none with its inversion.
 */
export const inverted: BranchKind = {
  name: "inverted",
  summary: "as many weights as the ticket keeps, those that were pruned first, the initial weights",
  paper: "Zhou et al. 2019, Frankle et al. 2021",
  usesSeed: true,
  isControl: true,
  mask: async (given) => {
    const { ticket } = given;
    const mask = maskOfWeights(ticket.shape, await prunedFirst(given, keptWeights, ticket.count(), 0));
    return withBiases(mask, await prunedFirst(given, keptBiases, ticket.biasCount(), biasParts));
  },
};

/**
 * The flat indices of as many weights, or biases, as are wanted: those that were pruned first, then those that survive.
 * @param part the first part of the random numbers
 */
async function prunedFirst(
  { level, maskOf, random }: TicketMask,
  keptIn: (mask: Mask) => Iterable<number>,
  wanted: number,
  part: number,
): Promise<number[]> {
  const kept: number[] = [];
  let before: Mask | undefined;
  for (let pruning = 0; pruning <= level && kept.length < wanted; pruning++) {
    const after = pruning < level ? await maskOf(pruning + 1) : undefined;
    before ??= await maskOf(0);
    const pruned = [...keptIn(after ? before.without(after) : before)];
    const room = Math.min(wanted - kept.length, pruned.length);
    for (const place of randomPositions(random(part + pruning), room, pruned.length)) kept.push(pruned[place]);
    before = after;
  }
  return kept;
}
