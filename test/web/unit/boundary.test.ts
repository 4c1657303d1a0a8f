import { expect, it } from "vitest";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { Parameters } from "../../../src/network/parameters.ts";
import { boundaries, hasPlanes } from "../../../src/web/worker/boundary.ts";
import { task } from "../../analysis/drawn.ts";

it("draws what a network decides over each task's plane", () => {
  const dataset = moonsCircles(0);
  // Output 0 is relu(x0) - relu(-x0) = x0; output 1 is its bias.
  const parameters = new Parameters([4, 2, 2]);
  parameters.setWeights(0, Float32Array.from([1, 0, 0, 0, -1, 0, 0, 0]));
  parameters.setWeights(1, Float32Array.from([1, -1, 0, 0]));
  parameters.biases(1)[1] = -2;
  const [circles, moons] = boundaries(parameters, dataset);
  expect([circles.task, moons.task]).toEqual(["circles", "moons"]);
  const { side, range, probability } = circles;
  for (const step of [0, 10, side - 1]) {
    const x = range[0][0] + ((range[0][1] - range[0][0]) * step) / (side - 1);
    const logit = (x - dataset.mean[0]) * dataset.scale[0];
    for (const y of [0, side - 1]) expect(probability[y * side + step]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
  }
  expect(new Set(moons.probability)).toEqual(new Set([Math.fround(1 / (1 + Math.exp(2)))]));
  expect(circles.samples).toHaveLength(900);
  expect([circles.samples[0], circles.samples[1]]).toEqual([...dataset.validation.features.subarray(0, 2)]);
  expect(moons.samples[2]).toBe(dataset.validation.labels[dataset.validation.samples]);
});

it("draws by the network's activation", () => {
  const parameters = new Parameters([4, 2, 2]);
  parameters.setWeights(0, Float32Array.from([1, 0, 0, 0, 0, 0, 0, 0]));
  parameters.setWeights(1, Float32Array.from([3, 0, 0, 0]));
  const dataset = moonsCircles(0);
  const [{ range, probability }] = boundaries(parameters, dataset, "tanh");
  const x = (range[0][0] - dataset.mean[0]) * dataset.scale[0];
  expect(probability[0]).toBeCloseTo(1 / (1 + Math.exp(-3 * Math.tanh(x))), 5);
});

it("needs tasks of two inputs and one output", () => {
  expect(hasPlanes(moonsCircles(0).tasks)).toBe(true);
  expect(hasPlanes([task("a", [0, 3], [0, 1])])).toBe(false);
  expect(hasPlanes([task("a", [0, 2], [0, 2])])).toBe(false);
});
