import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { FunctionNetwork } from "../../src/function/network.ts";
import { sensitivity } from "../../src/function/sensitivity.ts";
import { Mask } from "../../src/mask/mask.ts";
import { activations } from "../../src/network/activations/index.ts";
import { initialParameters } from "../../src/network/initial.ts";

const shape = [3, 6, 5, 2];
const samples = 20;

function inputsOf(seed: number): Float64Array {
  const random = new RandomStream(seed, "datasetPoints");
  return Float64Array.from({ length: shape[0] * samples }, () => random.nextNormal());
}

describe.each(["relu", "tanh"])("the sensitivity of outputs to inputs by %s", (name) => {
  it("is the mean size of the difference quotient, without the pruned weights and biases", () => {
    const mask = Mask.full(shape);
    for (const [layer, output, input] of [
      [0, 1, 2],
      [0, 3, 0],
      [1, 0, 4],
      [2, 1, 1],
    ]) {
      mask.set(layer, output, input, false);
    }
    const network = new FunctionNetwork(mask, initialParameters(shape, 4), activations.get(name));
    const inputs = inputsOf(1);
    const step = 1e-6;
    const outputsAt = (input: number, by: number) => {
      const moved = inputs.slice();
      for (let s = 0; s < samples; s++) moved[input * samples + s] += by;
      return network.forward(moved, samples)[3];
    };
    const found = sensitivity(network, network.forward(inputs, samples));
    for (let input = 0; input < shape[0]; input++) {
      const [above, below] = [outputsAt(input, step), outputsAt(input, -step)];
      for (let output = 0; output < 2; output++) {
        let sum = 0;
        for (let s = 0; s < samples; s++) {
          sum += Math.abs(above[output * samples + s] - below[output * samples + s]) / (2 * step);
        }
        expect(found[output][input]).toBeCloseTo(sum / samples, 6);
      }
    }
  });

  it("is exactly 0 where no path leads from input to output", () => {
    const mask = Mask.full(shape);
    for (let output = 0; output < shape[1]; output++) mask.set(0, output, 1, false);
    for (let source = 0; source < shape[2]; source++) mask.set(2, 0, source, false);
    const network = new FunctionNetwork(mask, initialParameters(shape, 5), activations.get(name));
    const found = sensitivity(network, network.forward(inputsOf(2), samples));
    expect(Array.from(found[0])).toEqual([0, 0, 0]);
    expect(found[1][1]).toBe(0);
    expect(found[1][0]).toBeGreaterThan(0);
  });
});
