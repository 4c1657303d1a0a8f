import { columnList } from "../../src/base/columns.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import type { Parameters } from "../../src/network/parameters.ts";

/** Losses and errors by binary task of a network of one hidden layer, in float64 from the definition. */
export function evaluateExactly(
  { tasks, inputs, mean, scale }: Dataset,
  { samples, features, labels }: Split,
  network: Parameters,
) {
  const [, hidden] = network.shape;
  const layers = [0, 1].map((layer) => ({ weights: network.weights(layer), biases: network.biases(layer) }));
  const lossSums = tasks.map(() => 0);
  const wrong = tasks.map(() => 0);
  for (let sample = 0; sample < samples; sample++) {
    const x = Array.from({ length: inputs }, (_, i) => (features[sample * inputs + i] - mean[i]) * scale[i]);
    const h = Array.from({ length: hidden }, (_, o) =>
      Math.max(
        0,
        x.reduce((sum, value, i) => sum + value * layers[0].weights[o * inputs + i], layers[0].biases[o]),
      ),
    );
    tasks.forEach((task, t) => {
      const [output] = columnList(task.outputs);
      const z = h.reduce(
        (sum, value, i) => sum + value * layers[1].weights[output * hidden + i],
        layers[1].biases[output],
      );
      const label = labels[t * samples + sample];
      lossSums[t] += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - label * z;
      if (z > 0 !== (label === 1)) wrong[t]++;
    });
  }
  const losses = lossSums.map((sum) => sum / samples);
  return {
    losses,
    loss: losses.reduce((sum, loss) => sum + loss) / tasks.length,
    errors: wrong.map((count) => count / samples),
  };
}
