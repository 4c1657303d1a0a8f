import type { Shape } from "../../base/shape.ts";

/** Maximum bytes of all buffers of a population: fits a small graphics adapter and the main memory of a laptop. */
export const memoryBudgetBytes = 1536 * 2 ** 20;
/** The largest storage binding that every adapter supports. */
export const bindingBytes = 128 * 2 ** 20;

/** A population's plan with the number of slots that fit, and its device requirements. */
export interface Fitted<Plan> {
  readonly plan: Plan;
  /** Bytes of all buffers, the dataset's included. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB the device must be requested with a higher limit. */
  readonly largestBindingBytes: number;
}

/** A shape and the number of its networks. */
export interface ShapeCount {
  readonly shape: Shape;
  readonly count: number;
}
