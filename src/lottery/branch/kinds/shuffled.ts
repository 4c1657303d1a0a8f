import { layerCount } from "../../../base/shape.ts";
import { Mask, maskLayout } from "../../../mask/mask.ts";
import { type BranchKind, biasParts } from "../kind.ts";
import { randomPositions } from "../random_positions.ts";

/** In each layer as many weights and as many biases as the ticket keeps there, at random places. */
export const shuffled: BranchKind = {
  name: "shuffled",
  summary: "the mask shuffled within each layer, the initial weights",
  paper: "Frankle et al. 2021",
  usesSeed: true,
  isControl: true,
  mask: async ({ ticket, random }) => {
    const { shape } = ticket;
    const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const inputs = shape[layer];
      for (const weight of randomPositions(random(layer), ticket.count(layer), inputs * shape[layer + 1])) {
        mask.set(layer, Math.floor(weight / inputs), weight % inputs, true);
      }
      const pruned = shape[layer + 1] - ticket.biasCount(layer);
      for (const output of randomPositions(random(biasParts + layer), pruned, shape[layer + 1])) {
        mask.setBias(layer, output, false);
      }
    }
    return mask;
  },
};
