import type { Task } from "../base/task.ts";
import { columnBits, hasBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { ancestors, descendants } from "../mask/reachability.ts";

/** The tasks of every neuron, from both ends as in the degree of separation: bit t of a number is task t. */
export interface NeuronTasks {
  /** `[layer][neuron]`: the tasks with an output that the neuron has a path to. */
  readonly to: readonly Uint32Array[];
  /** `[layer][neuron]`: the tasks with an input that has a path to the neuron. */
  readonly from: readonly Uint32Array[];
}

/**
 * Finds the tasks that each neuron has a path to and those that have a path to the neuron.
 * @param tasks at most 32
 */
export function neuronTasks(mask: Mask, tasks: readonly Task[]): NeuronTasks {
  const inputs = mask.shape[0];
  const outputs = mask.shape[mask.shape.length - 1];
  const empty = () => mask.shape.map((width) => new Uint32Array(width));
  const [to, from] = [empty(), empty()];
  tasks.forEach((task, t) => {
    const leading = ancestors(mask, columnBits(outputs, task.outputs));
    const fed = descendants(mask, columnBits(inputs, task.inputs));
    mask.shape.forEach((width, layer) => {
      for (let neuron = 0; neuron < width; neuron++) {
        if (hasBit(leading[layer], neuron)) to[layer][neuron] |= 1 << t;
        if (hasBit(fed[layer], neuron)) from[layer][neuron] |= 1 << t;
      }
    });
  });
  return { to, from };
}
