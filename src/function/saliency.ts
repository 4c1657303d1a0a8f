import { activeNeurons, type Neuron } from "../analysis/components.ts";
import { columnList } from "../base/columns.ts";
import { layerCount } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { bitIndices } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import type { FunctionNetwork, NeuronValues } from "./network.ts";

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
 * @param values of `network.forward`
 */
export function saliencies(
  mask: Mask,
  network: FunctionNetwork,
  values: NeuronValues,
  tasks: readonly Task[],
): NeuronSaliency[] {
  const samples = values[0].length / mask.shape[0];
  const neurons = activeNeurons(reachability(mask)).flatMap((active, layer) =>
    layer === 0 || layer === layerCount(mask.shape) ? [] : bitIndices(active).map((index): Neuron => [layer, index]),
  );
  const sums = neurons.map(() => new Float64Array(tasks.length));
  for (const [t, task] of tasks.entries()) {
    for (const output of columnList(task.outputs)) {
      const derivatives = network.derivatives(values, [output]);
      neurons.forEach(([layer, index], at) => {
        for (let s = index * samples; s < (index + 1) * samples; s++) {
          sums[at][t] += Math.abs(values[layer][s] * derivatives[layer][s]) / samples;
        }
      });
    }
  }
  return neurons.map((neuron, at) => ({ neuron, byTask: Array.from(sums[at]) }));
}
