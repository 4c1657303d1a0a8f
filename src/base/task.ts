/** A contiguous range of columns: `start`, `start + 1`, .., `start + count - 1`. */
export interface Columns {
  readonly start: number;
  readonly count: number;
}

/** What the outputs of a task are trained as. */
export const taskKinds = ["binary", "multiclass"] as const;
export type TaskKind = (typeof taskKinds)[number];

/**
 * One of the problems that a dataset asks a network to solve at the same time.
 * `binary`: one output, a logit, trained with binary cross-entropy.
 * `multiclass`: `outputs.count` logits, trained with softmax cross-entropy over them.
 */
export interface Task {
  readonly name: string;
  readonly kind: TaskKind;
  readonly inputs: Columns;
  readonly outputs: Columns;
}

/** Which coverage decides that a subnetwork touches a task. */
export const coverageKinds = ["total", "output", "input"] as const;
export type CoverageKind = (typeof coverageKinds)[number];
