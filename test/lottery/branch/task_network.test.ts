import { expect, it } from "vitest";
import { layerCount } from "../../../src/base/shape.ts";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { datasetOfTask, maskOfOutputs, parametersOfOutputs } from "../../../src/lottery/branch/task_network.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";

const shape = [5, 34, 7, 40];
const outputs = { start: 31, count: 3 };

it("a network with some of its outputs has their weights, biases and mask, and all before", () => {
  const whole = initialParameters(shape, 3);
  const mask = Mask.full(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      whole.biases(layer)[output] = layer + output / 64;
      mask.setBias(layer, output, (layer + output) % 3 > 0);
      for (let input = 0; input < shape[layer]; input++) {
        mask.set(layer, output, input, (7 * layer + 5 * output + input) % 4 > 0);
      }
    }
  }
  const part = parametersOfOutputs(whole, outputs);
  const ofPart = maskOfOutputs(mask, outputs);
  expect([part.shape, ofPart.shape]).toEqual([
    [5, 34, 7, 3],
    [5, 34, 7, 3],
  ]);
  for (let layer = 0; layer < 3; layer++) {
    const start = layer === 2 ? outputs.start : 0;
    const inputs = shape[layer];
    for (let output = 0; output < part.shape[layer + 1]; output++) {
      expect(part.biases(layer)[output]).toBe(whole.biases(layer)[start + output]);
      expect(ofPart.hasBias(layer, output)).toBe(mask.hasBias(layer, start + output));
      for (let input = 0; input < inputs; input++) {
        expect(part.weights(layer)[output * inputs + input]).toBe(
          whole.weights(layer)[(start + output) * inputs + input],
        );
        expect(ofPart.has(layer, output, input)).toBe(mask.has(layer, start + output, input));
      }
    }
  }
});

it("a dataset with one of its tasks has the labels of the task", () => {
  const dataset = moonsCircles(0, { samples: 40 });
  const part = datasetOfTask(dataset, 1);
  expect(part.tasks).toEqual([{ ...dataset.tasks[1], outputs: { start: 0, count: 1 } }]);
  expect(part.outputs).toBe(1);
  for (const split of ["train", "validation"] as const) {
    expect([...part[split].labels]).toEqual([...dataset[split].labels.subarray(20, 40)]);
    expect(part[split].features).toBe(dataset[split].features);
  }
});
