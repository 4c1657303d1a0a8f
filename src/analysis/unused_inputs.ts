import type { Task } from "../base/task.ts";
import { bitIndices, columnBits, countBits, emptyBits } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { ancestors } from "../mask/reachability.ts";

/** The inputs that fell away, as {@link unusedInputs} defines them. */
export interface UnusedInputs {
  readonly count: number;
  /** Their columns, from 0, ascending. */
  readonly columns: readonly number[];
}

/**
 * Finds the inputs that are no longer used: inputs of a task from which no path of unpruned weights leads to an output
 * of the task. So an inactive input is unused, and so is an active one that leads to outputs of other tasks only. An
 * input that several tasks own is used while one of them uses it; an input that no task owns is not counted.
 */
export function unusedInputs(mask: Mask, tasks: readonly Task[]): UnusedInputs {
  const inputs = mask.shape[0];
  const outputs = mask.shape[mask.shape.length - 1];
  const owned = emptyBits(inputs);
  const used = emptyBits(inputs);
  for (const task of tasks) {
    const own = columnBits(inputs, task.inputs);
    const [leading] = ancestors(mask, columnBits(outputs, task.outputs));
    own.forEach((word, i) => {
      owned[i] |= word;
      used[i] |= word & leading[i];
    });
  }
  const unused = owned.map((word, i) => word & ~used[i]);
  return { count: countBits(unused), columns: bitIndices(unused) };
}
