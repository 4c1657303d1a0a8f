import { layerCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import { components } from "./components.ts";

/** Inputs and outputs that belong together; ascending. */
export interface ColumnGroup {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A task that a network's structure shows: the inputs and outputs of a subnetwork. */
export interface StructuralTask extends ColumnGroup {
  /** Its active weights. */
  readonly weights: number;
  /** Its active neurons, inputs and outputs among them. */
  readonly neurons: number;
}

/** Which inputs and outputs belong together, from the mask alone. */
export interface HiddenTasks {
  /** One for each subnetwork, the one with the lowest input first. */
  readonly tasks: readonly StructuralTask[];
  /** Inputs from which no path of kept weights leads to an output. */
  readonly unusedInputs: readonly number[];
  /** Outputs that no input reaches: constants. */
  readonly constantOutputs: readonly number[];
}

/**
 * Finds the tasks of a network whose tasks are not named: each subnetwork computes some outputs from some inputs, and no
 * input of one can change an output of another.
 */
export function hiddenTasks(mask: Mask): HiddenTasks {
  const last = layerCount(mask.shape);
  const tasks = components(mask, reachability(mask)).map(({ neurons, weights }): StructuralTask => {
    const of = (layer: number) => neurons.filter(([at]) => at === layer).map(([, index]) => index);
    return { inputs: of(0), outputs: of(last), weights, neurons: neurons.length };
  });
  tasks.sort((a, b) => a.inputs[0] - b.inputs[0]);
  return { tasks, ...leftOut(mask.shape[0], mask.shape[last], tasks) };
}

/** The inputs and outputs that are in no group. */
function leftOut(inputs: number, outputs: number, groups: readonly ColumnGroup[]) {
  const without = (count: number, taken: readonly number[]) => {
    const set = new Set(taken);
    return Array.from({ length: count }, (_, column) => column).filter((column) => !set.has(column));
  };
  return {
    unusedInputs: without(
      inputs,
      groups.flatMap((group) => group.inputs),
    ),
    constantOutputs: without(
      outputs,
      groups.flatMap((group) => group.outputs),
    ),
  };
}
