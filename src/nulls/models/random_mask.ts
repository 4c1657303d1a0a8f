import { layerCount, weightCount } from "../../base/shape.ts";
import { LayerDrawer, layerSize } from "./drawn_layers.ts";
import type { NullModel } from "./model.ts";
import { SubsetDrawer } from "./subset.ts";

/** Why a mask that keeps all weights, or none, has no null of as many weights. */
export function wholeOrNone({ mask }: Parameters<NullModel["impossible"]>[0]): string | undefined {
  const kept = mask.count();
  if (kept === 0) return "no other mask is possible: the ticket keeps no weight";
  return kept === weightCount(mask.shape) ? "no other mask is possible: the ticket keeps every weight" : undefined;
}

/**
 * As many weights as the ticket keeps, anywhere in the network: what pruning at random in as many rounds gives, since the set
 * that is left of random rounds is a random set.
 */
export const randomMask: NullModel = {
  name: "random-mask",
  summary: "the network pruned at random to as many weights",
  keeps: "the number of weights in the whole network",
  breaks: "how many weights each layer has, and which neurons they join",
  source: "Frankle et al. 2020",
  purpose: "randomMaskNull",
  impossible: wholeOrNone,
  prepare: () => ({ notes: [] }),
  sampler: ({ mask }) => {
    const { shape } = mask;
    const count = mask.count();
    const whole = new SubsetDrawer(weightCount(shape));
    const positions = new Uint32Array(count);
    const counts = new Uint32Array(layerCount(shape));
    const layers = new LayerDrawer(shape, count);
    return {
      draw: (random) => {
        // Where a set lies by layer first, and then which weights of each layer, is the set.
        whole.draw(random, count, weightCount(shape), positions, 0);
        counts.fill(0);
        for (const position of positions) counts[layerOf(shape, position)]++;
        return layers.draw(random, counts);
      },
    };
  },
};

function layerOf(shape: readonly number[], position: number): number {
  let [layer, rest] = [0, position];
  while (rest >= layerSize(shape, layer)) rest -= layerSize(shape, layer++);
  return layer;
}
