import { RandomStream } from "../../src/base/random.ts";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";

/** A mask that keeps each weight with a chance, and parameters with biases as training leaves them. */
export function randomTicket(shape: Shape, density: number, seed: number): { mask: Mask; parameters: Parameters } {
  const stream = new RandomStream(seed, "initialWeights");
  const draw = () => (stream.nextWord() / 2 ** 32) * 4 - 2;
  const mask = Mask.full(shape);
  const parameters = new Parameters(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const weights = new Float32Array(shape[layer] * shape[layer + 1]).map(draw);
    parameters.setWeights(layer, weights);
    parameters.biases(layer).set(Array.from({ length: shape[layer + 1] }, draw));
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        mask.set(layer, output, input, stream.nextWord() / 2 ** 32 < density);
      }
    }
  }
  return { mask, parameters };
}

/** Samples `[sample][input]` from -2 to 2. */
export function randomSamples(count: number, inputs: number): number[][] {
  const stream = new RandomStream(99, "initialWeights");
  return Array.from({ length: count }, () =>
    Array.from({ length: inputs }, () => (stream.nextWord() / 2 ** 32) * 4 - 2),
  );
}

/** A ticket of (3,3,2) with every kind of neuron; weights that it prunes are not 0. */
export function drawnTicket(): { mask: Mask; parameters: Parameters } {
  const shape = [3, 3, 2];
  const mask = new Mask(shape, new Uint32Array(Mask.full(shape).words.length));
  const parameters = new Parameters(shape);
  parameters.setWeights(0, new Float32Array(9).fill(7));
  parameters.setWeights(1, new Float32Array(6).fill(7));
  const keep = (layer: number, output: number, input: number, weight: number) => {
    mask.set(layer, output, input, true);
    const weights = parameters.weights(layer);
    weights[output * shape[layer] + input] = weight;
    parameters.setWeights(layer, weights);
  };
  // Input 1 reaches output 0 by hidden neuron 0; hidden 1 is a zombie, hidden 2 inactive, as are inputs 0 and 2.
  keep(0, 0, 1, 0.5);
  keep(1, 0, 0, -1.5);
  keep(1, 0, 1, 2);
  keep(1, 1, 1, 4);
  keep(0, 2, 2, 3);
  parameters.biases(0).set([0.25, 0.75, 5]);
  parameters.biases(1).set([1, -1]);
  return { mask, parameters };
}
