import { describe, expect, it } from "vitest";
import { components } from "../../src/analysis/components.ts";
import { countWeights, neuronStates } from "../../src/analysis/states.ts";
import { InputError } from "../../src/base/errors.ts";
import { foldTicket, partOf } from "../../src/export/dense_network.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { activations } from "../../src/network/activations/index.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { largestError, logits } from "./direct.ts";
import { drawnTicket, randomSamples, randomTicket } from "./tickets.ts";

describe("a drawn ticket", () => {
  it("loses inactive neurons and folds a zombie into the biases that it reaches", () => {
    const { mask, parameters } = drawnTicket();
    const { parameters: folded, neurons } = foldTicket(mask, parameters, "relu");
    expect(neurons).toEqual([[1], [0], [0, 1]]);
    expect(folded.shape).toEqual([1, 1, 2]);
    expect([...folded.weights(0)]).toEqual([0.5]);
    expect([...folded.biases(0)]).toEqual([0.25]);
    // Only the zombie reaches the second output, so it is a constant.
    expect([...folded.weights(1)]).toEqual([-1.5, 0]);
    expect([...folded.biases(1)]).toEqual([1 + 2 * 0.75, -1 + 4 * 0.75]);
  });

  it("gives a zombie the value of the activation", () => {
    const { mask, parameters } = drawnTicket();
    parameters.biases(0)[1] = -0.75;
    expect([...foldTicket(mask, parameters, "relu").parameters.biases(1)]).toEqual([1, -1]);
    expect(foldTicket(mask, parameters, "tanh").parameters.biases(1)[1]).toBeCloseTo(-1 + 4 * Math.tanh(-0.75), 6);
  });

  it("keeps a neuron a layer where no input reaches an output", () => {
    const { mask, parameters } = drawnTicket();
    mask.set(1, 0, 0, false);
    mask.set(0, 0, 0, true);
    const { parameters: folded, neurons } = foldTicket(mask, parameters, "relu");
    expect(neurons).toEqual([[0], [0], [0, 1]]);
    expect([...folded.weights(0), ...folded.biases(0), ...folded.weights(1)]).toEqual([0, 0, 0, 0]);
    expect([...folded.biases(1)]).toEqual([2.5, 2]);
  });

  it("refuses an activation that there is not", () => {
    const { mask, parameters } = drawnTicket();
    expect(() => foldTicket(mask, parameters, "swish")).toThrow(InputError);
  });
});

describe.each(activations.names)("random tickets with %s", (name) => {
  const { activated } = activations.get(name);
  const cases = [
    [[5, 9, 3], 0.2],
    [[6, 12, 12, 4], 0.12],
    [[6, 12, 12, 4], 0.3],
    [[40, 33, 35, 2], 0.05],
    [[3, 2], 0.4],
  ] as const;

  it("compute the same in float64 and f32, whatever is in them", () => {
    const kinds = { zombie: 0, inactive: 0, "constant output": 0, "dropped input": 0, "no path": 0, full: 0 };
    for (const [shape, density] of cases) {
      const samples = randomSamples(50, shape[0]);
      for (let seed = 0; seed < 25; seed++) {
        const { mask, parameters } = randomTicket(shape, density, seed);
        // Every second ticket prunes biases, some of them of neurons without inputs.
        for (let layer = 0; seed % 2 === 1 && layer + 1 < shape.length; layer++) {
          for (let n = 0; n < shape[layer + 1]; n++) mask.setBias(layer, n, (n + seed) % 4 < 2);
        }
        const { parameters: folded, neurons } = foldTicket(mask, parameters, name);
        const own = samples.map((sample) => neurons[0].map((input) => sample[input]));
        const wide = logits(parameters, mask, activated, samples);
        const label = `(${shape.join()}), density ${density}, seed ${seed}`;
        expect(largestError(wide, logits(folded, undefined, activated, own)), label).toBeLessThan(1e-6);
        const narrow = logits(parameters, mask, activated, samples, Math.fround);
        expect(largestError(narrow, logits(folded, undefined, activated, own, Math.fround)), label).toBeLessThan(1e-6);

        const states = neuronStates(mask, reachability(mask));
        const weights = countWeights(mask, reachability(mask));
        if (weights.zombie > 0) kinds.zombie++;
        if (weights.inactive > 0) kinds.inactive++;
        if (states.at(-1)?.includes("zombie")) kinds["constant output"]++;
        if (neurons[0].length < shape[0]) kinds["dropped input"]++;
        if (weights.active === 0) kinds["no path"]++;
        else {
          // Exactly the active weights are left.
          const left = [...Array(shape.length - 1).keys()].flatMap((layer) => [...folded.weights(layer)]);
          expect(left.filter((weight) => weight !== 0)).toHaveLength(weights.active);
          const active = states.map((layer) => layer.flatMap((state, i) => (state === "active" ? [i] : [])));
          expect(neurons.slice(0, -1)).toEqual(active.slice(0, -1));
        }
      }
    }
    const { mask, parameters } = randomTicket([4, 8, 2], 1, 0);
    expect(foldTicket(mask, parameters, name).parameters.values).toEqual(parameters.values);
    kinds.full++;
    expect(Object.entries(kinds).filter(([, count]) => count === 0)).toEqual([]);
  });

  it("fall into parts that compute their outputs alone", () => {
    const shape = [6, 10, 10, 2];
    const { mask, parameters } = randomTicket(shape, 0.6, 3);
    // Two blocks: the first half of every layer and the second.
    for (let layer = 0; layer + 1 < shape.length; layer++) {
      for (let output = 0; output < shape[layer + 1]; output++) {
        for (let input = 0; input < shape[layer]; input++) {
          if (output < shape[layer + 1] / 2 !== input < shape[layer] / 2) mask.set(layer, output, input, false);
        }
      }
    }
    const network = foldTicket(mask, parameters, name);
    const found = components(mask, reachability(mask));
    expect(found).toHaveLength(2);
    const samples = randomSamples(50, shape[0]);
    const whole = logits(parameters, mask, activated, samples);
    for (const { neurons } of found) {
      const part = partOf(network, neurons);
      expect(part.neurons.at(-1)).toHaveLength(1);
      const [output] = part.neurons.at(-1) ?? [];
      expect(part.neurons[0]).toEqual(output === 0 ? [0, 1, 2] : [3, 4, 5]);
      const own = samples.map((sample) => part.neurons[0].map((input) => sample[input]));
      const expected = whole.map((row) => [row[output]]);
      expect(largestError(expected, logits(part.parameters, undefined, activated, own))).toBeLessThan(1e-6);
    }
  });
});

it("folds initial weights, whose biases are 0, to biases of 0", () => {
  const mask = Mask.full([2, 3, 1]);
  mask.set(0, 1, 0, false);
  mask.set(0, 1, 1, false);
  const parameters = new Parameters([2, 3, 1]);
  parameters.setWeights(0, new Float32Array(6).fill(1));
  parameters.setWeights(1, new Float32Array(3).fill(2));
  const folded = foldTicket(mask, parameters, "tanh").parameters;
  expect(folded.shape).toEqual([2, 2, 1]);
  expect([...folded.biases(0), ...folded.biases(1)]).toEqual([0, 0, 0]);
});
