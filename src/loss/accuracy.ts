/**
 * The score of a classification: the share of samples classified correctly. Each class has a sum: the number of its
 * samples classified correctly. A task with one output has the classes 0 and 1.
 */
export const accuracy = {
  labels: "class",
  scoreName: "accuracy",
  sums: (outputs: number) => Math.max(2, outputs),
  sumOf: (label: number) => label,
  scale: (words: Uint32Array) => words.length,
  score: (right: readonly number[], samples: number) => right.reduce((sum, count) => sum + count, 0) / samples,
} as const;
