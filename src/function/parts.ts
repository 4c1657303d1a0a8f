import { components, type Neuron } from "../analysis/components.ts";
import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import type { NeuronSaliency } from "./saliency.ts";

/** A part of a network that is lesioned: hidden neurons. */
export interface Part {
  /**
   * `subnetwork`: the hidden neurons of one; `task`: of a network that has not split, those that count most for one task among all
   * tasks.
   */
  readonly kind: "subnetwork" | "task";
  /** The subnetwork, or the task, from 0. */
  readonly number: number;
  /** Its active hidden neurons, by layer, then index. */
  readonly neurons: readonly Neuron[];
}

/** Most subnetworks that are lesioned: those of most weights. */
const mostParts = 16;

/**
 * The parts that a network is lesioned by: its subnetworks; of one that has not split, the neurons of each task by saliency. There a
 * neuron belongs to the task with the largest share of its saliency in it, of equal ones to the first.
 * @param saliency of the active hidden neurons
 * @param tasks number of tasks
 */
export function lesionParts(mask: Mask, saliency: readonly NeuronSaliency[], tasks: number): Part[] {
  const last = layerCount(mask.shape);
  const subnetworks = components(mask, reachability(mask));
  if (subnetworks.length > 1) {
    return subnetworks.slice(0, mostParts).map(({ neurons }, number) => ({
      kind: "subnetwork",
      number,
      neurons: neurons.filter(([layer]) => layer > 0 && layer < last),
    }));
  }
  const totals = Array.from({ length: tasks }, (_, task) =>
    saliency.reduce((sum, { byTask }) => sum + byTask[task], 0),
  );
  const owner = ({ byTask }: NeuronSaliency) => {
    const shares = byTask.map((value, task) => (totals[task] > 0 ? value / totals[task] : 0));
    return shares.indexOf(Math.max(...shares));
  };
  return totals.map((_, task) => ({
    kind: "task",
    number: task,
    neurons: saliency.filter((one) => owner(one) === task).map(({ neuron }) => neuron),
  }));
}
