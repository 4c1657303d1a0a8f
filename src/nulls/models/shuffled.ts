import { plural } from "../../base/format.ts";
import { layerCount } from "../../base/shape.ts";
import { LayerDrawer, layerSize } from "./drawn_layers.ts";
import type { NullModel, NullTicket } from "./model.ts";

/** In each layer as many weights as the ticket keeps there, anywhere in the layer. */
export const shuffled: NullModel = {
  name: "shuffled",
  summary: "each layer's mask shuffled within the layer",
  keeps: "the number of weights in each layer",
  breaks: "which neurons the weights join, and how many a neuron has",
  source: "Frankle et al. 2021",
  purpose: "shuffledNull",
  impossible: (ticket) => {
    const fixed = fixedLayers(ticket);
    if (fixed.some((reason) => reason === undefined)) return undefined;
    return `no shuffle is possible: ${fixed.map((reason, layer) => `layer ${layer + 1} ${reason}`).join(", ")}`;
  },
  prepare: (ticket) => ({
    notes: fixedLayers(ticket).flatMap((reason, layer) =>
      reason === undefined ? [] : [`layer ${layer + 1} is the same in all nulls: it ${reason}`],
    ),
  }),
  sampler: ({ mask }) => {
    const drawer = new LayerDrawer(mask.shape, mask.count());
    const counts = Array.from({ length: layerCount(mask.shape) }, (_, layer) => mask.count(layer));
    return { draw: (random) => drawer.draw(random, counts) };
  },
};

/** Why the mask of a layer has no other shuffle, by layer. */
function fixedLayers({ mask }: NullTicket): (string | undefined)[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => {
    const kept = mask.count(layer);
    if (kept === 0) return "is empty";
    return kept === layerSize(mask.shape, layer) ? `is full (${plural(kept, "weight")})` : undefined;
  });
}
