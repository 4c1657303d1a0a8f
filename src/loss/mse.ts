import wgsl from "../../shaders/losses/mse.wgsl";
import { numbersOf } from "./label_words.ts";
import type { Loss } from "./loss.ts";

export const mse: Loss = {
  name: "mse",
  summary: "one output, a number: squared error; its score is R²",
  source: "Bishop, Pattern Recognition and Machine Learning, 2006, equation 3.12; R² of Draper and Smith, 1966",
  number: 2,
  outputs: "one",
  labels: "number",
  scoreName: "R²",
  evaluate: ([z], word) => {
    const error = z - numbersOf(Uint32Array.of(word))[0];
    return { loss: error * error, gradient: [2 * error], score: error * error };
  },
  sums: () => 1,
  sumOf: () => 0,
  scale: (words) => {
    const targets = numbersOf(words);
    const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
    return targets.reduce((sum, target) => sum + (target - mean) ** 2, 0);
  },
  score: ([squares], total) => 1 - squares / total,
  wgsl,
};
