import { expect, test } from "vitest";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";

const load = (dataset: string, dataSeed: number, options = {}) =>
  loadDataset({ dataset, dataSeed, ...options }, nodeDatasetAccess());

/** All samples of both halves: two coordinates and the label of one task. */
function points({ train, validation, inputs }: Dataset, task: number) {
  return [train, validation].flatMap(({ features, labels, samples }) =>
    Array.from({ length: samples }, (_, s) => ({
      x: features[s * inputs + 2 * task],
      y: features[s * inputs + 2 * task + 1],
      label: labels[task * samples + s],
    })),
  );
}

test("two Archimedean spirals of 1.5 turns, one turned by half a turn, points evenly along them", async () => {
  const dataset = await load("spirals", 1, { noise: 0, samples: 2000 });
  expect([dataset.name, dataset.inputs, dataset.outputs, dataset.coverage]).toEqual(["spirals", 2, 1, "total"]);
  for (const label of [0, 1]) {
    const arm = points(dataset, 0).filter((point) => point.label === label);
    expect(arm).toHaveLength(1000);
    const radii = arm.map(({ x, y }) => Math.hypot(x, y)).sort((a, b) => a - b);
    expect(radii[0]).toBeGreaterThan(0);
    expect(radii[999]).toBeCloseTo(2, 6);
    for (const { x, y } of arm) {
      // The radius grows by 4/3 per turn, so it gives the turns of the angle; the point's direction gives the rest.
      const angle = (Math.hypot(x, y) / (4 / 3)) * 2 * Math.PI + label * Math.PI;
      expect(Math.cos(angle) * Math.hypot(x, y)).toBeCloseTo(x, 4);
      expect(Math.sin(angle) * Math.hypot(x, y)).toBeCloseTo(y, 4);
    }
    // Three quarters of the points lie between radius 1 and 2, like the curve's length, and all steps are alike.
    expect(radii.filter((radius) => radius > 1).length).toBe(750);
    arm.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y));
    const steps = arm.slice(1).map((point, i) => Math.hypot(point.x - arm[i].x, point.y - arm[i].y));
    const outer = steps.slice(250);
    expect(Math.max(...outer) / Math.min(...outer)).toBeLessThan(1.1);
  }
});

test("arms of different labels keep a distance that the noise seldom crosses", async () => {
  const arms = points(await load("spirals", 1, { noise: 0, samples: 1000 }), 0).filter(
    ({ x, y }) => Math.hypot(x, y) > 1,
  );
  const [zeros, ones] = [0, 1].map((label) => arms.filter((point) => point.label === label));
  const nearest = zeros.map((a) => Math.min(...ones.map((b) => Math.hypot(a.x - b.x, a.y - b.y))));
  expect(Math.min(...nearest)).toBeGreaterThan(0.6);
});

test("same seed, same bytes; another seed, other noise and another order", async () => {
  expect(await load("spirals", 7)).toEqual(await load("spirals", 7));
  const [a, b] = [await load("spirals", 7), await load("spirals", 8)];
  expect(a.train.features).not.toEqual(b.train.features);
  expect(a.train.labels).not.toEqual(b.train.labels);
});

test("moons-circles-spirals puts the spirals beside what moons-circles has, bit for bit", async () => {
  const options = { samples: 400, factor: 0.5 };
  const three = await load("moons-circles-spirals", 3, options);
  const two = moonsCircles(3, options);
  expect([three.inputs, three.outputs]).toEqual([6, 3]);
  expect(three.tasks).toEqual([
    ...two.tasks,
    { name: "spirals", kind: "binary", inputs: { start: 4, count: 2 }, outputs: { start: 2, count: 1 } },
  ]);
  for (const task of [0, 1]) expect(points(three, task)).toEqual(points(two, task));
  expect(three.mean.subarray(0, 4)).toEqual(two.mean);
  const spirals = points(three, 2);
  expect(spirals.filter(({ label }) => label === 1)).toHaveLength(200);
  expect(Math.max(...spirals.map(({ x, y }) => Math.hypot(x, y)))).toBeGreaterThan(1.5);
});
