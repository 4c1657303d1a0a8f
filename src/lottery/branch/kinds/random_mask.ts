import { maskOfWeights } from "../flat_weights.ts";
import type { BranchKind } from "../kind.ts";
import { randomPositions } from "../random_positions.ts";

/** As many weights as the ticket keeps, anywhere in the network. */
export const randomMask: BranchKind = {
  name: "random-mask",
  summary: "a random mask of as many weights in the whole network, the initial weights",
  paper: "Frankle et al. 2020",
  usesSeed: true,
  isControl: true,
  mask: async ({ ticket, random }) =>
    maskOfWeights(ticket.shape, randomPositions(random(0), ticket.count(), ticket.size)),
};
