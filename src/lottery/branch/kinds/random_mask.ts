import { biasCount } from "../../../base/shape.ts";
import { maskOfWeights, withBiases } from "../flat_weights.ts";
import { type BranchKind, biasParts } from "../kind.ts";
import { randomPositions } from "../random_positions.ts";

/** As many weights and as many biases as the ticket keeps, anywhere in the network. */
export const randomMask: BranchKind = {
  name: "random-mask",
  summary: "a random mask of as many weights in the whole network, the initial weights",
  paper: "Frankle et al. 2020",
  usesSeed: true,
  isControl: true,
  mask: async ({ ticket, random }) => {
    const mask = maskOfWeights(ticket.shape, randomPositions(random(0), ticket.count(), ticket.size));
    return withBiases(mask, randomPositions(random(biasParts), ticket.biasCount(), biasCount(ticket.shape)));
  },
};
