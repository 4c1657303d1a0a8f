import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { type DatasetRequest, datasetOutline, loadDataset } from "../../src/dataset/load.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";
import { checkOptions } from "../../src/dataset/options.ts";

const load = (options: Partial<DatasetRequest> = {}) =>
  loadDataset({ dataset: "planes", dataSeed: 3, ...options }, nodeDatasetAccess());

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

const counts = (labels: readonly number[]) =>
  [...new Set(labels)].sort().map((k) => labels.filter((l) => l === k).length);

/** Pearson's correlation of the labels of two tasks. */
function correlation(dataset: Dataset, a: number, b: number): number {
  const [one, other] = [points(dataset, a), points(dataset, b)].map((all) => all.map(({ label }) => 2 * label - 1));
  return one.reduce((sum, label, i) => sum + label * other[i], 0) / one.length;
}

describe("the points", () => {
  it("are those of the datasets that have the curves by name, bit for bit", async () => {
    const options = { samples: 400, factor: 0.5 };
    const { name: _, ...dataset } = await load(options);
    const { name: __, ...known } = moonsCircles(3, options);
    expect(dataset).toEqual(known);
    const three = await load({ curves: "circles+moons+spirals", samples: 400 });
    const { name: ___, ...named } = await load({ dataset: "moons-circles-spirals", samples: 400 });
    expect(three).toMatchObject(named);
  });

  it("of an exclusive or: the signs tell the label, one coordinate alone does not", async () => {
    const all = points(await load({ curves: "xor+xor", noise: 0, samples: 4000 }), 1);
    for (const { x, y, label } of all) {
      expect(label).toBe(x * y > 0 ? 0 : 1);
      expect(Math.min(Math.abs(x), Math.abs(y))).toBeGreaterThan(0.199);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(1.001);
    }
    // Each half of the plane has as many of both labels; standard error 0.022 of 2,000 points, within five.
    const right = all.filter(({ x }) => x > 0);
    expect(Math.abs(right.filter(({ label }) => label === 1).length / right.length - 0.5)).toBeLessThan(0.06);
    expect(counts(all.map(({ label }) => label))).toEqual([2000, 2000]);
  });

  it("of rings: two radii for each class in turn, points evenly along them", async () => {
    for (const classes of [2, 3]) {
      const all = points(await load({ curves: `circles+rings/${classes}`, noise: 0, samples: 1200 }), 1);
      const ringOf = ({ x, y }: { x: number; y: number }) => Math.round(Math.hypot(x, y) / 0.5) - 1;
      for (const point of all) {
        expect(Math.hypot(point.x, point.y)).toBeCloseTo(0.5 * (ringOf(point) + 1), 5);
        expect(point.label).toBe(ringOf(point) % classes);
      }
      const onRing = Array.from({ length: 2 * classes }, (_, ring) => all.filter((p) => ringOf(p) === ring));
      expect(onRing.every(({ length }) => length > 0)).toBe(true);
      // Of class 0 the outer ring is 1 + classes times as long.
      expect(onRing[classes].length / onRing[0].length).toBeCloseTo(1 + classes, 1);
      const angles = onRing[0].map(({ x, y }) => Math.atan2(y, x)).sort((a, b) => a - b);
      const steps = angles.slice(1).map((angle, i) => angle - angles[i]);
      expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1e-3);
    }
  });

  it("of three spirals: an arm of one turn for each class, a third of a turn apart", async () => {
    const all = points(await load({ curves: "moons+spirals/3", noise: 0, samples: 1000 }), 1);
    expect(counts(all.map(({ label }) => label))).toEqual([334, 333, 333]);
    for (const { x, y, label } of all) {
      const radius = Math.hypot(x, y);
      const angle = 2 * Math.PI * (radius / 2 + label / 3);
      expect(radius * Math.cos(angle)).toBeCloseTo(x, 5);
      expect(radius * Math.sin(angle)).toBeCloseTo(y, 5);
    }
  });

  it("of noise say nothing of their label", async () => {
    const all = points(await load({ curves: "noise+noise/3", noise: 0, samples: 6000 }), 1);
    for (const label of [0, 1, 2]) {
      const own = all.filter((point) => point.label === label);
      expect(own).toHaveLength(2000);
      for (const value of [(p: { x: number }) => p.x, (p: { y: number }) => p.y] as ((p: {
        x: number;
        y: number;
      }) => number)[]) {
        const mean = own.reduce((sum, point) => sum + value(point), 0) / 2000;
        // Standard error 0.0129; within five.
        expect(Math.abs(mean)).toBeLessThan(0.065);
        expect(Math.max(...own.map(value))).toBeGreaterThan(0.99);
      }
    }
  });

  it("have noise of their own where the curve says so", async () => {
    const clean = points(await load({ curves: "moons+moons", noise: 0 }), 1);
    for (const [curves, deviation] of [
      ["moons+moons:0.4", 0.4],
      ["moons:0.4+moons", 0.1],
    ] as const) {
      const noisy = points(await load({ curves }), 1);
      const squares = noisy.reduce((sum, { x }, i) => sum + (x - clean[i].x) ** 2, 0);
      // Standard error 0.016 of the deviation; within five.
      expect(Math.abs(Math.sqrt(squares / noisy.length) / deviation - 1)).toBeLessThan(0.08);
    }
  });
});

describe("the tasks", () => {
  it("have a name each, two inputs, and an output or one for each class", async () => {
    const request = { dataset: "planes", curves: "circles+rings/3+circles+rings" };
    const dataset = await load({ ...request, samples: 100 });
    expect(dataset.tasks).toEqual([
      { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
      { name: "rings", kind: "multiclass", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 3 } },
      { name: "circles-2", kind: "binary", inputs: { start: 4, count: 2 }, outputs: { start: 4, count: 1 } },
      { name: "rings-2", kind: "binary", inputs: { start: 6, count: 2 }, outputs: { start: 5, count: 1 } },
    ]);
    expect([dataset.inputs, dataset.outputs]).toEqual([8, 6]);
    expect(datasetOutline(request)).toEqual({ tasks: dataset.tasks, coverage: "total" });
    expect(points(dataset, 0)).not.toEqual(points(dataset, 2));
  });

  it("are one text for one spec, spaces of an address too", () => {
    const written = (curves: string) => checkOptions("planes", { curves });
    expect(written("circles/2+rings/03:.2")).toEqual({ curves: "circles+rings/03:.2" });
    expect(written(" xor rings/2:0.2 ")).toEqual({ curves: "xor+rings:0.2" });
    expect(written("circles + moons")).toEqual({});
  });
});

describe("dependence", () => {
  it("of 0 is none, bit for bit, and leaves the spec as it was", async () => {
    for (const dataset of ["planes", "moons-circles", "moons-circles-spirals"]) {
      expect(await load({ dataset, dependence: 0 })).toEqual(await load({ dataset }));
      expect(checkOptions(dataset, { dependence: 0 })).toEqual({});
    }
  });

  it("of c correlates the labels of each later task with the first by c, of two later ones by c squared", async () => {
    for (const dependence of [0.25, 0.5, 0.9]) {
      const dataset = await load({ curves: "circles+moons+xor", samples: 20_000, dependence });
      // Standard error at most 0.0071; within five.
      expect(Math.abs(correlation(dataset, 0, 1) - dependence)).toBeLessThan(0.036);
      expect(Math.abs(correlation(dataset, 0, 2) - dependence)).toBeLessThan(0.036);
      expect(Math.abs(correlation(dataset, 1, 2) - dependence ** 2)).toBeLessThan(0.036);
    }
  });

  it("of 1 makes all labels equal, of three classes too", async () => {
    const dataset = await load({ curves: "rings/3+spirals/3+noise/3", samples: 1000, dependence: 1 });
    for (const { labels, samples } of [dataset.train, dataset.validation]) {
      expect(labels.slice(samples, 2 * samples)).toEqual(labels.slice(0, samples));
      expect(labels.slice(2 * samples)).toEqual(labels.slice(0, samples));
    }
  });

  it("changes the pairs, not the points of a task, nor the first task, nor what points say beside labels", async () => {
    const sorted = (dataset: Dataset, task: number) =>
      points(dataset, task)
        .map(({ x, y, label }) => `${x} ${y} ${label}`)
        .sort();
    const [independent, half] = [await load({ dependence: 0 }), await load({ dependence: 0.5 })];
    expect(points(half, 0)).toEqual(points(independent, 0));
    expect(sorted(half, 1)).toEqual(sorted(independent, 1));
    // Within a label the first coordinates are not correlated, even at 1; standard error 0.032, within five.
    const equal = await load({ dependence: 1 });
    const [circles, moons] = [points(equal, 0), points(equal, 1)].map((all) => all.filter(({ label }) => label === 0));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const covariance = mean(circles.map(({ x }, i) => x * moons[i].x));
    expect(
      Math.abs(covariance) / Math.sqrt(mean(circles.map(({ x }) => x * x)) * mean(moons.map(({ x }) => x * x))),
    ).toBeLessThan(0.16);
  });

  it("leaves as many samples of each label early as late", async () => {
    for (const dependence of [0.1, 0.6]) {
      const { train } = await load({ samples: 20_000, dependence });
      const ones = (labels: Uint32Array) => labels.reduce((sum, label) => sum + label, 0);
      // Hypergeometric with standard deviation 35; within five.
      expect(Math.abs(ones(train.labels.subarray(10_000)) - 5000)).toBeLessThan(177);
    }
  });
});

const give =
  /: give a list of 2 to 8 of circles, moons, spirals, xor, rings, noise, joined by \+, .+circles\+rings\/3\+moons:0\.3$/;
it.each<[Partial<DatasetRequest>, RegExp | string]>([
  [{ curves: "circles" }, 'curves "circles" does not fit (one curve, not 2 to 8)'],
  [{ curves: Array(9).fill("xor").join("+") }, "(9 curves, not 2 to 8)"],
  [{ curves: "circles+moon" }, '(one is "moon")'],
  [{ curves: "circles,moons" }, "(one curve, not 2 to 8)"],
  [{ curves: "circles++moons+" }, '(one is "")'],
  [{ curves: "circles+moons/3" }, "(moons has 2 classes)"],
  [{ curves: "circles+rings/5" }, "(rings has 2 to 4 classes)"],
  [{ curves: "circles+rings/1" }, "(rings has 2 to 4 classes)"],
  [{ curves: `circles+moons:1${"0".repeat(31)}` }, "(moons has noise above 1e+30)"],
  [{ curves: "circles+moons:-1" }, '(one is "moons:-1")'],
  [{ curves: "" }, "does not fit"],
])("%j is refused", async (options, message) => {
  const error = await load(options).catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain(message);
  expect(error.message).toMatch(give);
});

it.each<[Partial<DatasetRequest>, string]>([
  [
    { curves: "circles+rings/3", dependence: 0.5 },
    "dependence 0.5 needs tasks of as many classes, circles has 2 and rings 3: give curves of as many classes, or dependence=0",
  ],
  [
    { curves: "moons+xor", factor: 0.5 },
    "factor 0.5 is that of circles, which are not among curves moons+xor: remove it",
  ],
  [{ dependence: 1.5 }, "dependence 1.5 does not fit (Too big: expected number to be <=1): give a number from 0 to 1"],
  [
    { dataset: "spirals", dependence: 0.5 },
    "dependence: 0.5 does not apply to the dataset spirals, which takes samples, noise; remove it",
  ],
])("%j contradicts itself", async (options, message) => {
  const error = await load(options).catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toBe(message);
});
