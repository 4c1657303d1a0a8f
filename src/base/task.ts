import type { ColumnRange, Columns } from "./columns.ts";

/** One of the problems that a network learns at the same time from one dataset. */
export interface Task {
  readonly name: string;
  /** Name of the task's loss, one of src/loss. */
  readonly kind: string;
  /** Its inputs among the network's; tasks may share them. */
  readonly inputs: Columns;
  /** Its outputs among the network's; each output belongs to one task. */
  readonly outputs: Columns;
  /** How the data write each class, by its number; left out where they write the numbers 0 to n - 1. */
  readonly classes?: readonly string[] | undefined;
}

/** A task as a dataset trains it: its outputs are side by side. */
export interface TrainedTask extends Task {
  readonly outputs: ColumnRange;
}

/** Which coverage decides that a subnetwork touches a task. */
export const coverageKinds = ["total", "output", "input"] as const;
export type CoverageKind = (typeof coverageKinds)[number];
