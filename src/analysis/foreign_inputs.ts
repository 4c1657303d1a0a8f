import { hasColumn } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import type { Component } from "./components.ts";
import type { CoverageCounts } from "./coverage.ts";

/**
 * For each subnetwork, how many of its inputs belong to other tasks only: tasks without an output in it.
 * Output coverage decides here, whatever kind the dataset names. An input that no task owns is not foreign; an input
 * that several tasks own is foreign when none of them has an output in the subnetwork.
 * @param counts coverage counts of the same subnetworks and tasks
 */
export function foreignInputs(
  subnetworks: readonly Component[],
  tasks: readonly Task[],
  counts: CoverageCounts,
): number[] {
  return subnetworks.map(({ neurons }, subnetwork) => {
    const isForeign = (column: number) => {
      const owners = [...tasks.keys()].filter((task) => hasColumn(tasks[task].inputs, column));
      return owners.length > 0 && owners.every((task) => counts.output[subnetwork][task] === 0);
    };
    return neurons.filter(([layer, index]) => layer === 0 && isForeign(index)).length;
  });
}
