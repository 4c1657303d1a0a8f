import { adjustedRandIndex } from "../analysis/adjusted_rand.ts";
import { type ColumnGroup, type HiddenTasks, hiddenTasks } from "../analysis/hidden_tasks.ts";
import { columnList } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { activations } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { type Grouping, groupByDependence } from "./grouping.ts";
import { FunctionNetwork } from "./network.ts";
import { sensitivity } from "./sensitivity.ts";
import { standardInputs } from "./standard_inputs.ts";

/** Samples of the gradients. */
export const samples = 256;

/** The tasks of a network whose tasks are not named, found by its structure, and by the gradients of its weights. */
export interface FoundTasks {
  readonly structure: HiddenTasks;
  /** Undefined where the weights are not known. */
  readonly gradients?: Grouping & {
    /** `[output][input]`: the mean of |d output / d input|. */
    readonly sensitivity: readonly (readonly number[])[];
  };
}

/**
 * Finds which inputs and outputs of a network belong together, without being told its tasks: by its subnetworks, and by how
 * much each output depends on each input at standard normal inputs.
 * @param weights of the mask's shape, with the name of the activation of hidden neurons
 * @throws InputError when there is no such activation
 */
export function findTasks(
  mask: Mask,
  weights?: { readonly parameters: Parameters; readonly activation: string },
): FoundTasks {
  const structure = hiddenTasks(mask);
  if (!weights) return { structure };
  const network = new FunctionNetwork(mask, weights.parameters, activations.get(weights.activation));
  const found = sensitivity(network, network.forward(standardInputs(mask.shape[0], samples), samples));
  return {
    structure,
    gradients: { ...groupByDependence(found), sensitivity: found.map((row) => Array.from(row)) },
  };
}

/** How far groups that were found agree with tasks that are known. */
export interface Agreement {
  /** Adjusted Rand index over the columns that groups and tasks both have; see {@link adjustedRandIndex}. */
  readonly adjustedRand: number;
  /** Inputs and outputs that are compared, of all that the tasks have. */
  readonly columns: number;
  readonly ofColumns: number;
}

/** Compares groups with the known tasks; undefined where tasks share inputs, so that they are no division of the columns. */
export function agreement(groups: readonly ColumnGroup[], tasks: readonly Task[]): Agreement | undefined {
  const found: number[] = [];
  const known: number[] = [];
  let ofColumns = 0;
  for (const side of ["inputs", "outputs"] as const) {
    const groupOf = new Map(groups.flatMap((group, number) => group[side].map((column) => [column, number] as const)));
    const seen = new Set<number>();
    for (const [number, task] of tasks.entries()) {
      for (const column of columnList(task[side])) {
        if (seen.has(column)) return undefined;
        seen.add(column);
        const group = groupOf.get(column);
        if (group === undefined) continue;
        found.push(group);
        known.push(number);
      }
    }
    ofColumns += seen.size;
  }
  return { adjustedRand: adjustedRandIndex(found, known), columns: found.length, ofColumns };
}
