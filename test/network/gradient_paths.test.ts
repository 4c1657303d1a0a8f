import { describe, expect, it } from "vitest";
import { hasGradient, zeroLayers } from "../../src/network/gradient_paths.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";

const shape = [3, 4, 4, 2];

/** Drawn parameters with some layers of weights set to 0 and with given biases of all hidden neurons. */
function without(layers: readonly number[], bias = 0): Parameters {
  const parameters = initialParameters(shape, 1);
  for (const layer of layers) parameters.setWeights(layer, new Float32Array(shape[layer] * shape[layer + 1]));
  for (const layer of [0, 1]) parameters.biases(layer).fill(bias);
  return parameters;
}

describe("weights that get a gradient in the first step", () => {
  it.each<["relu" | "tanh", number[], boolean, string]>([
    ["relu", [], true, "drawn weights"],
    ["relu", [0, 1, 2], false, "all weights 0"],
    ["tanh", [0, 1, 2], false, "all weights 0"],
    ["relu", [0], false, "ReLU neurons that are dead at their first layer"],
    ["relu", [1], false, "and at a later one"],
    ["tanh", [0], true, "tanh passes gradients back at 0"],
    ["tanh", [1], true, "so does a later layer"],
    ["tanh", [0, 1], false, "but not two layers of 0"],
    ["relu", [2], true, "an output layer that starts at 0"],
    ["tanh", [2], true, "with any activation"],
  ])("%s, layers %j at 0: %s (%s)", (activation, layers, some) => {
    expect(hasGradient(without(layers), activation)).toBe(some);
    expect(zeroLayers(without(layers))).toEqual(layers);
  });

  it("follow the biases: a ReLU neuron with a positive bias is not dead", () => {
    expect(hasGradient(without([0], 0.1), "relu")).toBe(true);
    expect(hasGradient(without([0], -0.1), "relu")).toBe(false);
    // Positive biases give the last hidden layer an answer, so that the output weights move.
    expect(hasGradient(without([0, 1, 2], 0.1), "relu")).toBe(true);
  });
});
