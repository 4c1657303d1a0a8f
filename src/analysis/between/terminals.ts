import { columnList } from "../../base/columns.ts";
import type { Shape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import type { ActiveGraph } from "../graph/active_graph.ts";

/** The nodes of a graph that are inputs and outputs of one task, ascending; columns that are not active have no node. */
export interface Terminals {
  readonly inputs: number[];
  readonly outputs: number[];
}

/** The terminals of every task. A column of several tasks is a terminal of each. */
export function taskTerminals({ nodes, layerOf, indexOf }: ActiveGraph, shape: Shape, tasks: readonly Task[]) {
  const last = shape.length - 1;
  const at = [new Map<number, number>(), new Map<number, number>()];
  for (let node = 0; node < nodes; node++) {
    if (layerOf[node] === 0) at[0].set(indexOf[node], node);
    if (layerOf[node] === last) at[1].set(indexOf[node], node);
  }
  const found = (columns: readonly number[], side: 0 | 1) => columns.flatMap((column) => at[side].get(column) ?? []);
  return tasks.map(
    ({ inputs, outputs }): Terminals => ({
      inputs: found(columnList(inputs), 0),
      outputs: found(columnList(outputs), 1),
    }),
  );
}
