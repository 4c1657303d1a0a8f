import type { RegistryEntry } from "../base/registry.ts";

/** What one sample costs one task. */
export interface SampleLoss {
  readonly loss: number;
  /** Of the loss by each of the task's logits. */
  readonly gradient: readonly number[];
  /** What the sample adds to the sum that the task's score is made of: 1 for a right answer, or a squared error. */
  readonly score: number;
}

/**
 * What a task is trained by and told by. The same formulas stand in WGSL (`shaders/task_loss.wgsl` and `shaders/resident_epoch.wgsl`, or
 * the snippet of an element-wise loss) and in the CPU's kernels, as `<name>Loss`.
 */
export interface Loss extends RegistryEntry {
  readonly source: string;
  /** The loss' number on a device. */
  readonly number: number;
  /** Outputs of a task: one, or two and more. */
  readonly outputs: "one" | "several";
  /** What a label word holds: a class, or the bits of an f32. */
  readonly labels: "class" | "number";
  /** What the score is called: `accuracy`, `R²`. */
  readonly scoreName: string;
  /** One sample, by the task's logits and its label word. */
  readonly evaluate: (logits: readonly number[], word: number) => SampleLoss;
  /** What a sum of scores is held against, from the label words of a split; a task whose scale is 0 has no score. */
  readonly scale: (words: Uint32Array) => number;
  /** The score: 1 at best. */
  readonly score: (sum: number, scale: number) => number;
  /**
   * Of an element-wise loss, which has one output: `fn <name>(z: f32, word: u32) -> ElementLoss`, compiled into the kernels of
   * datasets that have such a task.
   */
  readonly wgsl?: string;
}
