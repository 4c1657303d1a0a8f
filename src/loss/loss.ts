import type { RegistryEntry } from "../base/registry.ts";

/** Loss of one sample in one task. */
export interface SampleLoss {
  readonly loss: number;
  /** Derivative of the loss by each of the task's logits. */
  readonly gradient: readonly number[];
  /** The sample's term of one of the task's score sums: 1 for a right answer, else 0; or a squared error. */
  readonly score: number;
}

/**
 * The loss that a task is trained with, and the score that is reported for it. WGSL (`shaders/task_loss.wgsl` and
 * `shaders/resident_epoch.wgsl`, or the snippet of an element-wise loss) and the CPU's kernels (`<name>Loss`) implement
 * the same formulas.
 */
export interface Loss extends RegistryEntry {
  readonly source: string;
  /** The loss' number on the device. */
  readonly number: number;
  /** Outputs of a task: one, or two or more. */
  readonly outputs: "one" | "several";
  /** Content of a label word: a class, or the bits of an f32. */
  readonly labels: "class" | "number";
  /** Name of the score: `accuracy`, `R²`. */
  readonly scoreName: string;
  /**
   * Evaluates one sample from the task's logits and the label word. The loss is not finite if a logit is not, so that no
   * diverged network has a finite loss.
   */
  readonly evaluate: (logits: readonly number[], word: number) => SampleLoss;
  /** Number of score sums of a task with a number of outputs: one for each of its classes, or one. */
  readonly sums: (outputs: number) => number;
  /** The score sum of its task, from 0, that a sample with a label word belongs to. */
  readonly sumOf: (word: number) => number;
  /** Reference value for the score sums, from the label words of a split. A task with scale 0 has no score. */
  readonly scale: (words: Uint32Array) => number;
  /** The score from the score sums of a task; the best value is 1. */
  readonly score: (sums: readonly number[], scale: number) => number;
  /**
   * WGSL of an element-wise loss, which has one output: `fn <name>(z: f32, word: u32) -> ElementLoss`. Compiled into
   * the kernels of datasets that have such a task.
   */
  readonly wgsl?: string;
}
