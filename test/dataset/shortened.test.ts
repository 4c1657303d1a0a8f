import { expect, test } from "vitest";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { shortened } from "../../src/dataset/shortened.ts";

const dataset = moonsCircles(0);

test("the first samples are left, with their labels of every task, and validation samples in proportion", () => {
  const short = shortened({ ...dataset, validation: dataset.train }, 10);
  for (const split of [short.train, short.validation]) {
    expect(split.samples).toBe(10);
    expect(split.features).toEqual(dataset.train.features.slice(0, 10 * dataset.inputs));
    expect([...split.labels]).toEqual([0, 1].flatMap((t) => [...dataset.train.labels.slice(t * 1000, t * 1000 + 10)]));
  }
  const few = { ...dataset, validation: { ...shortened(dataset, 10).validation } };
  expect(shortened(few, 200).validation.samples).toBe(2);
  expect(shortened(few, 1)).toMatchObject({ train: { samples: 1 }, validation: { samples: 1 } });
});

test("so many validation samples as are asked for, of all training samples too", () => {
  const counts = (samples: number, validated: number) => {
    const { train, validation } = shortened(dataset, samples, validated);
    return [train.samples, validation.samples];
  };
  expect([counts(10, 31.4), counts(2000, 0.1), counts(10, 5000)]).toEqual([
    [10, 31],
    [1000, 1],
    [10, 1000],
  ]);
});

test("a dataset with no more samples stays itself", () => {
  expect(shortened(dataset, 1000)).toBe(dataset);
});
