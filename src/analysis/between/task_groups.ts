import type { Task } from "../../base/task.ts";
import { columnBits, hasBit } from "../../mask/bits.ts";
import type { Mask } from "../../mask/mask.ts";
import { ancestors, descendants } from "../../mask/reachability.ts";
import type { ActiveGraph } from "../graph/active_graph.ts";

/**
 * The partition of the active neurons by tasks. A neuron is in the group of a task when that is the only one with an input
 * that leads to the neuron or with an output that the neuron leads to. All others are one further group: neurons of several tasks, and
 * those whose columns belong to none.
 * @returns by node of the graph, the number of its task, or the number of tasks for the others
 */
export function taskGroups(graph: ActiveGraph, mask: Mask, tasks: readonly Task[]): Uint32Array {
  const [inputs, outputs] = [mask.shape[0], mask.shape[mask.shape.length - 1]];
  const serving = tasks.map((task) => ({
    fed: descendants(mask, columnBits(inputs, task.inputs)),
    leading: ancestors(mask, columnBits(outputs, task.outputs)),
  }));
  return Uint32Array.from({ length: graph.nodes }, (_, node) => {
    const [layer, index] = [graph.layerOf[node], graph.indexOf[node]];
    let group = tasks.length;
    for (const [task, { fed, leading }] of serving.entries()) {
      if (!hasBit(fed[layer], index) && !hasBit(leading[layer], index)) continue;
      if (group !== tasks.length) return tasks.length;
      group = task;
    }
    return group;
  });
}
