/** The score of a classification: the share of samples classified correctly. */
export const accuracy = {
  labels: "class",
  scoreName: "accuracy",
  scale: (words: Uint32Array) => words.length,
  score: (right: number, samples: number) => right / samples,
} as const;
