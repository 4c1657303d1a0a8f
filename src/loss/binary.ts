import { accuracy } from "./accuracy.ts";
import type { Loss } from "./loss.ts";

export const binary: Loss = {
  name: "binary",
  summary: "one output, a logit: binary cross-entropy of labels 0 and 1",
  source: "Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.90",
  number: 0,
  outputs: "one",
  ...accuracy,
  evaluate: ([z], label) => ({
    loss: Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z))),
    gradient: [1 / (1 + Math.exp(-z)) - label],
    score: z > 0 === (label === 1) ? 1 : 0,
  }),
};
