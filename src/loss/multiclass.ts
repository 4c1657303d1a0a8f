import { accuracy } from "./accuracy.ts";
import type { Loss } from "./loss.ts";

export const multiclass: Loss = {
  name: "multiclass",
  summary: "two outputs or more, a logit for each class: softmax cross-entropy",
  source: "Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.108",
  number: 1,
  outputs: "several",
  ...accuracy,
  evaluate: (z, label) => {
    const largest = Math.max(...z);
    const exponentials = z.map((value) => Math.exp(value - largest));
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    return {
      loss: z.every(Number.isFinite) ? Math.log(total) + largest - z[label] : Number.NaN,
      gradient: exponentials.map((value, k) => value / total - (k === label ? 1 : 0)),
      score: z.indexOf(largest) === label ? 1 : 0,
    };
  },
};
