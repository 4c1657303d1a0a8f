import { activeNeurons, type Neuron } from "../analysis/components.ts";
import { hasColumn } from "../base/columns.ts";
import { layerCount } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { bitIndices } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import type { NeuronValues } from "./network.ts";

/** How much a hidden neuron counts for each task. */
export interface NeuronSaliency {
  readonly neuron: Neuron;
  /** By task, at least 0. */
  readonly byTask: readonly number[];
}

/**
 * The saliency of every active hidden neuron for each task: the mean over samples of |x d output / d x|, x being its activation, summed
 * over the outputs of the task. To first order it is what the outputs change by where the neuron is silenced: the criterion of
 * Molchanov et al. (Pruning convolutional neural networks for resource efficient inference, ICLR 2017, equation 8) with the outputs in
 * place of the loss, so that a sample that is answered well counts as well. Exactly 0 where no path leads from the neuron to an output of the task.
 */
export class Saliencies {
  readonly #neurons: readonly Neuron[];
  /** By neuron and task. */
  readonly #sums: readonly Float64Array[];

  readonly #samples: number;

  /** @param values of `network.forward` */
  constructor(
    mask: Mask,
    readonly values: NeuronValues,
    readonly tasks: readonly Task[],
  ) {
    this.#neurons = activeNeurons(reachability(mask)).flatMap((active, layer) =>
      layer === 0 || layer === layerCount(mask.shape) ? [] : bitIndices(active).map((index): Neuron => [layer, index]),
    );
    this.#samples = values[0].length / mask.shape[0];
    this.#sums = this.#neurons.map(() => new Float64Array(tasks.length));
  }

  /** Adds an output, from its derivatives by every neuron. */
  add(output: number, derivatives: NeuronValues): void {
    const task = this.tasks.findIndex(({ outputs }) => hasColumn(outputs, output));
    if (task < 0) return;
    this.#neurons.forEach(([layer, index], at) => {
      const [values, samples] = [this.values[layer], this.#samples];
      for (let s = index * samples; s < (index + 1) * samples; s++) {
        this.#sums[at][task] += Math.abs(values[s] * derivatives[layer][s]) / samples;
      }
    });
  }

  /** Of the outputs that were added. */
  get all(): NeuronSaliency[] {
    return this.#neurons.map((neuron, at) => ({ neuron, byTask: Array.from(this.#sums[at]) }));
  }
}
