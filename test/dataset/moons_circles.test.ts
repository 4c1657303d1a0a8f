import { expect, test } from "vitest";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";

/** All samples of both halves: two coordinates and the label of one task. */
function points(dataset: Dataset, task: number) {
  return [dataset.train, dataset.validation].flatMap(({ features, labels, samples }) =>
    Array.from({ length: samples }, (_, s) => ({
      x: features[s * 4 + 2 * task],
      y: features[s * 4 + 2 * task + 1],
      label: labels[task * samples + s],
    })),
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const std = (values: readonly number[]) => Math.sqrt(mean(values.map((x) => (x - mean(values)) ** 2)));

test("2,000 samples in two halves, two binary tasks", () => {
  const dataset = moonsCircles(0);
  expect(dataset.train.samples).toBe(1000);
  expect(dataset.validation.samples).toBe(1000);
  expect(dataset.train.features).toHaveLength(4000);
  expect([dataset.inputs, dataset.outputs, dataset.coverage, dataset.name]).toEqual([4, 2, "total", "moons-circles"]);
  expect(dataset.tasks).toEqual([
    { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
    { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
  ]);
});

test("classes are balanced over both halves, and about so within each", () => {
  const dataset = moonsCircles(3);
  for (const task of [0, 1]) {
    expect(points(dataset, task).filter(({ label }) => label === 1)).toHaveLength(1000);
    const ones = dataset.train.labels.subarray(task * 1000, (task + 1) * 1000).reduce((sum, x) => sum + x, 0);
    // Hypergeometric with standard deviation 11.2; within five of them.
    expect(Math.abs(ones - 500)).toBeLessThan(56);
    expect(ones).not.toBe(500);
  }
});

test("without noise the points lie evenly on scikit-learn's curves", () => {
  const dataset = moonsCircles(1, { noise: 0, samples: 400 });
  const near = (values: number[], expected: number[]) => {
    values.sort((a, b) => a - b);
    expected.sort((a, b) => a - b);
    expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);
  };
  for (const label of [0, 1]) {
    const circle = points(dataset, 0).filter((p) => p.label === label);
    const radius = label === 0 ? 1 : 0.35;
    // 200 of 200 angles, end point left out.
    const turn = Array.from({ length: 200 }, (_, i) => (2 * Math.PI * i) / 200);
    near(
      circle.map((p) => p.x),
      turn.map((t) => radius * Math.cos(t)),
    );
    near(
      circle.map((p) => p.y),
      turn.map((t) => radius * Math.sin(t)),
    );
    const moon = points(dataset, 1).filter((p) => p.label === label);
    // 200 angles over half a turn, end points included.
    const halfTurn = Array.from({ length: 200 }, (_, i) => (Math.PI * i) / 199);
    near(
      moon.map((p) => p.x),
      halfTurn.map((t) => (label === 0 ? Math.cos(t) : 1 - Math.cos(t))),
    );
    near(
      moon.map((p) => p.y),
      halfTurn.map((t) => (label === 0 ? Math.sin(t) : 1 - Math.sin(t) - 0.5)),
    );
  }
});

test("noise has standard deviation 0.1 on every coordinate", () => {
  const clean = moonsCircles(5, { noise: 0 });
  const noisy = moonsCircles(5);
  for (let column = 0; column < 4; column++) {
    const noise = Array.from(
      { length: 1000 },
      (_, s) => noisy.train.features[s * 4 + column] - clean.train.features[s * 4 + column],
    );
    // Standard errors 0.0032 and 0.0022; within five of them.
    expect(Math.abs(mean(noise))).toBeLessThan(0.016);
    expect(Math.abs(std(noise) - 0.1)).toBeLessThan(0.011);
  }
});

test("the two tasks have noise of their own", () => {
  const clean = moonsCircles(5, { noise: 0 });
  const noisy = moonsCircles(5);
  const noiseOf = (task: number) => {
    const exact = points(clean, task);
    const noise = points(noisy, task).map((p, i) => p.x - exact[i].x);
    return noise.sort((a, b) => a - b);
  };
  const moonsNoise = noiseOf(1);
  const alike = noiseOf(0).filter((value, i) => Math.abs(value - moonsNoise[i]) < 1e-6);
  expect(alike.length).toBeLessThan(50);
});

test("radii of the circles", () => {
  const circle = points(moonsCircles(2), 0);
  const radius = (label: number) => mean(circle.filter((p) => p.label === label).map((p) => Math.hypot(p.x, p.y)));
  // E|p| of a ring of radius r with noise s is about r + s^2 / (2 r).
  expect(radius(0)).toBeCloseTo(1.005, 1.8);
  expect(radius(1)).toBeCloseTo(0.365, 1.8);
});

test("the two tasks are paired at random", () => {
  for (const seed of [0, 1, 2, 3]) {
    const dataset = moonsCircles(seed);
    const circles = points(dataset, 0);
    const moons = points(dataset, 1);
    const agreement = mean(circles.map((p, i) => (p.label === moons[i].label ? 1 : -1)));
    expect(Math.abs(agreement)).toBeLessThan(5 / Math.sqrt(2000));
    const product = mean(circles.map((p, i) => p.x * (moons[i].x - 0.5)));
    expect(Math.abs(product)).toBeLessThan(0.08);
  }
});

test("same seed, same bytes; another seed, other points and pairs", () => {
  expect(moonsCircles(7)).toEqual(moonsCircles(7));
  expect(moonsCircles(7).train.features).not.toEqual(moonsCircles(8).train.features);
  expect(moonsCircles(7).train.labels).not.toEqual(moonsCircles(8).train.labels);
});

test("standardised training inputs have mean 0 and variance 1, from the training half alone", () => {
  const { train, validation, mean: m, scale } = moonsCircles(4);
  for (let column = 0; column < 4; column++) {
    const standard = (features: ArrayLike<number>) =>
      Array.from({ length: 1000 }, (_, s) => (features[s * 4 + column] - m[column]) * scale[column]);
    expect(mean(standard(train.features))).toBeCloseTo(0, 6);
    expect(std(standard(train.features))).toBeCloseTo(1, 6);
    expect(Math.abs(mean(standard(validation.features)))).toBeGreaterThan(1e-5);
  }
});

test("the smallest set works", () => {
  const dataset = moonsCircles(0, { samples: 4, noise: 0, factor: 0 });
  expect(dataset.train.features.every(Number.isFinite)).toBe(true);
  expect(dataset.scale.every(Number.isFinite)).toBe(true);
});
