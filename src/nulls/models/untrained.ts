import type { RandomStream } from "../../base/random.ts";
import { layerCount } from "../../base/shape.ts";
import { LayerDrawer, layerSize } from "./drawn_layers.ts";
import type { InitialDistribution, NullModel } from "./model.ts";
import { upperNormalQuantile } from "./normal_quantile.ts";
import { wholeOrNone } from "./random_mask.ts";

/**
 * The weights of largest magnitude of a network that is initialised anew and never trained. Rounds of pruning and rewinding leave
 * the same weights as one pruning, as no weight moves. The weights of a layer are alike before they are drawn, so it is enough to draw how many of the
 * largest lie in each layer, and then which of its weights these are.
 */
export const untrained: NullModel = {
  name: "untrained",
  summary: "a network initialised anew, pruned by magnitude to as many weights without training",
  keeps: "the number of weights in the whole network, and the distribution of the initial weights of each layer",
  breaks: "what training has made of the weights",
  source: "this package",
  purpose: "untrainedNull",
  impossible: (ticket) => wholeOrNone(ticket) ?? ("unknown" in ticket.initial ? ticket.initial.unknown : undefined),
  prepare: () => ({ notes: [] }),
  sampler: ({ mask, initial }) => {
    const { shape } = mask;
    const count = mask.count();
    const counts = new Uint32Array(layerCount(shape));
    const drawer = new LayerDrawer(shape, count);
    const largest = new LargestWeights(shape, initial as InitialDistribution);
    return {
      draw: (random) => {
        largest.count(random, count, counts);
        return drawer.draw(random, counts);
      },
    };
  },
};

/** Draws how many of the largest initial weights lie in each layer. */
class LargestWeights {
  /** The largest magnitude of the layer that has not been counted, and the logarithm of the share of magnitudes below it. */
  readonly #next: Float64Array;
  readonly #logBelow: Float64Array;

  constructor(
    readonly shape: readonly number[],
    readonly initial: InitialDistribution,
  ) {
    this.#next = new Float64Array(layerCount(shape));
    this.#logBelow = new Float64Array(layerCount(shape));
  }

  count(random: RandomStream, kept: number, counts: Uint32Array): void {
    counts.fill(0);
    this.#logBelow.fill(0);
    for (let layer = 0; layer < counts.length; layer++) this.#advance(random, layer, 0);
    for (let each = 0; each < kept; each++) {
      let first = 0;
      for (let layer = 1; layer < counts.length; layer++) if (this.#next[layer] > this.#next[first]) first = layer;
      this.#advance(random, first, ++counts[first]);
    }
  }

  /** The largest of n uniform numbers is a uniform one to the power of 1 / n; the next is the largest of n - 1 below it. */
  #advance(random: RandomStream, layer: number, taken: number): void {
    const left = layerSize(this.shape, layer) - taken;
    if (left === 0) {
      this.#next[layer] = -1;
      return;
    }
    this.#logBelow[layer] += Math.log(random.nextUniform()) / left;
    const deviation = this.initial.deviations[layer];
    const below = this.#logBelow[layer];
    this.#next[layer] =
      deviation *
      (this.initial.form === "uniform"
        ? Math.sqrt(3) * Math.exp(below)
        : upperNormalQuantile(Math.min(0.5, -Math.expm1(below) / 2)));
  }
}
