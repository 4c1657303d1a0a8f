import { columnCount, columnList, hasColumn } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import { emptyBits, hasBit, setBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { ancestors } from "../mask/reachability.ts";
import { checkTaskColumns } from "./task_columns.ts";

/** How far the pairs of an input and an output that a path joins are those of a known dependence. */
export interface PlantedPairs {
  /** Pairs that a path of kept weights joins. */
  readonly joined: number;
  /** Pairs of an output and an input that it depends on. */
  readonly planted: number;
  /** Pairs that are both. */
  readonly both: number;
  /** both / joined; 0 where no pair is joined. */
  readonly precision: number;
  /** both / planted. */
  readonly recall: number;
  /** 2 both / (joined + planted): 1 where the same pairs are joined and planted. */
  readonly f1: number;
}

/**
 * Compares the structure of a network with a known dependence, given by tasks that own the inputs which their outputs depend on, as those of
 * the dataset `boolean` do.
 * @throws InputError when a task does not fit the mask's shape
 */
export function plantedPairs(mask: Mask, tasks: readonly Task[]): PlantedPairs {
  checkTaskColumns(tasks, mask.shape);
  const [inputs, outputs] = [mask.shape[0], mask.shape[mask.shape.length - 1]];
  let [joined, planted, both] = [0, 0, 0];
  for (const task of tasks) {
    planted += columnCount(task.inputs) * columnCount(task.outputs);
    for (const output of columnList(task.outputs)) {
      const alone = emptyBits(outputs);
      setBit(alone, output);
      const [reaching] = ancestors(mask, alone);
      for (let input = 0; input < inputs; input++) {
        if (!hasBit(reaching, input)) continue;
        joined++;
        if (hasColumn(task.inputs, input)) both++;
      }
    }
  }
  return {
    ...{ joined, planted, both },
    precision: joined === 0 ? 0 : both / joined,
    recall: both / planted,
    f1: (2 * both) / (joined + planted),
  };
}
