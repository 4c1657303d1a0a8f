/** A contiguous range of columns: `start`, `start + 1`, .., `start + count - 1`. */
export interface Columns {
  readonly start: number;
  readonly count: number;
}

/**
 * One of the problems that a dataset asks a network to solve at the same time.
 * `binary`: one output, a logit, trained with binary cross-entropy.
 * `multiclass`: `outputs.count` logits, trained with softmax cross-entropy over them.
 */
export interface Task {
  readonly name: string;
  readonly kind: "binary" | "multiclass";
  readonly inputs: Columns;
  readonly outputs: Columns;
}

/** Which coverage decides that a subnetwork touches a task. */
export type CoverageKind = "total" | "output" | "input";
