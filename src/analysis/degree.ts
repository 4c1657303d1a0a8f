import type { Task } from "../base/task.ts";
import { columnBits, countBits } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { ancestors, descendants, type NeuronSets, type Reachability } from "../mask/reachability.ts";
import { activeNeurons } from "./components.ts";

/** Per layer, inputs first: a share from 0 to 1, or null for a layer without active neurons. */
export interface SeparationDegree {
  /** Share of the active neurons whose active descendants among the outputs belong to one task only. */
  readonly fromOutputs: (number | null)[];
  /** Share of the active neurons whose active ancestors among the inputs belong to one task only. */
  readonly fromInputs: (number | null)[];
}

/**
 * Degree of separation of every layer, seen from both ends.
 * A neuron counts when exactly one task has a column among its descendants (ancestors). Columns of no task are ignored,
 * so a neuron that is connected to no other columns does not count; a column of two tasks belongs to both.
 */
export function separationDegree(mask: Mask, reach: Reachability, tasks: readonly Task[]): SeparationDegree {
  // Every neuron on a path from an active neuron to an output (or from an input to an active neuron) is active too,
  // so the search may follow all paths of the mask.
  const active = activeNeurons(reach);
  const inputs = mask.shape[0];
  const outputs = mask.shape[mask.shape.length - 1];
  return {
    fromOutputs: shareOfOneTask(
      active,
      tasks.map((task) => ancestors(mask, columnBits(outputs, task.outputs))),
    ),
    fromInputs: shareOfOneTask(
      active,
      tasks.map((task) => descendants(mask, columnBits(inputs, task.inputs))),
    ),
  };
}

/** Per layer, the share of `active` that lies in exactly one of the tasks' sets. */
function shareOfOneTask(active: NeuronSets, tasks: readonly NeuronSets[]): (number | null)[] {
  return active.map((neurons, layer) => {
    const neuronCount = countBits(neurons);
    if (neuronCount === 0) return null;
    const ofOneTask = neurons.map((word, i) => {
      let some = 0;
      let several = 0;
      for (const sets of tasks) {
        several |= some & sets[layer][i];
        some |= sets[layer][i];
      }
      return word & some & ~several;
    });
    return countBits(ofOneTask) / neuronCount;
  });
}
