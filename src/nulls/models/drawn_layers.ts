import type { RandomStream } from "../../base/random.ts";
import { layerCount, type Shape } from "../../base/shape.ts";
import { WeightLists } from "../weight_lists.ts";
import { SubsetDrawer } from "./subset.ts";

/** Weights of a layer: inputs times outputs. */
export const layerSize = (shape: Shape, layer: number) => shape[layer] * shape[layer + 1];

/** Draws masks that keep given numbers of weights in each layer, anywhere in it. */
export class LayerDrawer {
  readonly #lists: WeightLists;
  readonly #drawer: SubsetDrawer;
  readonly #positions: Uint32Array;

  /** @param count of weights, in all layers together */
  constructor(
    readonly shape: Shape,
    count: number,
  ) {
    this.#lists = new WeightLists(shape, count);
    this.#drawer = new SubsetDrawer(Math.max(...shape.slice(1).map((_, layer) => layerSize(shape, layer))));
    this.#positions = new Uint32Array(count);
  }

  /** @param counts of weights by layer; @returns lists that the next draw changes */
  draw(random: RandomStream, counts: ArrayLike<number>): WeightLists {
    const { starts, sources, targets, firstNeuron } = this.#lists;
    const positions = this.#positions;
    let at = 0;
    for (let layer = 0; layer < layerCount(this.shape); layer++) {
      this.#drawer.draw(random, counts[layer], layerSize(this.shape, layer), positions, at);
      const inputs = this.shape[layer];
      const end = at + counts[layer];
      for (; at < end; at++) {
        const output = Math.floor(positions[at] / inputs);
        sources[at] = firstNeuron[layer] + positions[at] - output * inputs;
        targets[at] = firstNeuron[layer + 1] + output;
      }
      starts[layer + 1] = at;
    }
    return this.#lists;
  }
}
