/** A contiguous range of columns: `start`, `start + 1`, .., `start + count - 1`. */
export interface Columns {
  readonly start: number;
  readonly count: number;
}

/** One of the problems that a network learns at the same time from one dataset. */
export interface Task {
  readonly name: string;
  /** Name of the task's loss, one of src/loss. */
  readonly kind: string;
  readonly inputs: Columns;
  readonly outputs: Columns;
}

/** Which coverage decides that a subnetwork touches a task. */
export const coverageKinds = ["total", "output", "input"] as const;
export type CoverageKind = (typeof coverageKinds)[number];
